import Postgres
import SharedKernel

/// PostgreSQL knows nothing of Kassa: here its errors learn the words that doors and consumers ask
/// for.
extension PostgresError: TransientFault, InputFault, UncertainFault {}
