import Postgres
import SharedKernel

/// PostgreSQL knows nothing of Kassa: here its errors learn the word that doors and consumers ask
/// for.
extension PostgresError: TransientFault {}
