import Idempotency
import MessagingLive
package import Postgres

/// The payments database, step by step. A step that has landed is never edited: a change is a new
/// step.
package enum PaymentMigrations {
    /// Every migration, oldest first.
    package static let all = [
        Migration(version: 1, name: "accounts", sql: accounts),
        Migration(version: 2, name: "inbox", sql: PostgresInbox.schema),
        Migration(version: 3, name: "outbox", sql: PostgresOutbox.schema),
        Migration(version: 4, name: "parked_messages", sql: PostgresParking.schema),
        Migration(version: 5, name: "ledger_counts", sql: LedgerCountSchema.sql),
        Migration(version: 6, name: "idempotency_keys", sql: PostgresIdempotency.schema),
        Migration(version: 7, name: "parked_excess", sql: PostgresParking.schemaOfExcess),
        Migration(
            version: 8, name: "parked_repeats", sql: PostgresParking.schemaOfRepeats),
        Migration(version: 9, name: "parked_actions", sql: PostgresParking.schemaOfActions),
        Migration(version: 10, name: "trace", sql: trace),
    ]

    /// The advisory lock that concurrent starters queue at: "KASSA" and the service's number.
    package static let lockKey: Int64 = 0x4B41_5353_4102

    /// Who sent the announcement, and when, by its own words; and who decided. Kept as long as the
    /// decision. Repeats are known as long as the inbox is.
    private static let trace =
        PostgresInbox.schemaOfRepeats + """

            ALTER TABLE outcomes ADD COLUMN published_by text, ADD COLUMN published_at timestamptz,
                ADD COLUMN decided_by text;
            """

    /// Customers' accounts are numbered from 1; the shop's own are 0 (cash that came in) and -1
    /// (sales). The shop's balances are the sums of their transfers: a row that every order updated
    /// would be the system's narrowest place.
    private static let accounts = """
        CREATE TABLE accounts (
            account_number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            user_id text COLLATE "C" NOT NULL CHECK (octet_length(user_id) BETWEEN 1 AND 128),
            balance bigint NOT NULL DEFAULT 0,
            created_at timestamptz NOT NULL DEFAULT statement_timestamp(),
            CONSTRAINT accounts_one_per_user UNIQUE (user_id),
            CONSTRAINT accounts_balance_range CHECK (balance BETWEEN 0 AND 999999999999999999)
        ) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02);

        CREATE TABLE transfers (
            transfer_id uuid PRIMARY KEY,
            debit_account bigint NOT NULL,
            credit_account bigint NOT NULL,
            amount bigint NOT NULL CHECK (amount > 0),
            order_id uuid,
            created_at timestamptz NOT NULL DEFAULT statement_timestamp(),
            CONSTRAINT transfers_one_per_order UNIQUE (order_id),
            CONSTRAINT transfers_two_accounts CHECK (debit_account <> credit_account),
            CONSTRAINT transfers_charge_or_deposit CHECK (
                (order_id IS NOT NULL AND debit_account > 0 AND credit_account = -1)
                OR (order_id IS NULL AND debit_account = 0 AND credit_account > 0))
        );

        -- Of a transfer's two accounts one is a customer's, and customers have the greater numbers.
        CREATE INDEX transfers_by_customer
            ON transfers (greatest(debit_account, credit_account), transfer_id);

        CREATE TABLE outcomes (
            order_id uuid PRIMARY KEY,
            user_id text COLLATE "C" NOT NULL,
            amount bigint NOT NULL CHECK (amount > 0),
            is_paid boolean NOT NULL,
            reason text CHECK (reason IS NULL OR NOT is_paid),
            message_id uuid NOT NULL,
            decided_at timestamptz NOT NULL DEFAULT statement_timestamp()
        );
        """
}
