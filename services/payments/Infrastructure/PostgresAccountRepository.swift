import Failpoint
package import Messaging
package import PaymentsApplication
package import PaymentsDomain
package import Postgres
package import SharedKernel

/// Accounts and their ledger in PostgreSQL.
package struct PostgresAccountRepository: AccountRepository {
    let pool: PostgresPool
    let ids: UUIDv7Source
    let outboxFilled: WakeSignal
    let instance: InstanceName?

    /// - Parameters:
    ///   - pool: connections to the payments database.
    ///   - ids: makes the ids of transfers and messages.
    ///   - outboxFilled: rung after each commit that left a message in the outbox.
    ///   - instance: this process, which each decision names; nil where none does.
    package init(
        pool: PostgresPool, ids: UUIDv7Source = UUIDv7Source(), outboxFilled: WakeSignal,
        instance: InstanceName? = nil
    ) {
        self.pool = pool
        self.ids = ids
        self.outboxFilled = outboxFilled
        self.instance = instance
    }

    package func open(
        _ userID: UserID, claim: IdempotencyClaim?
    ) async throws -> Idempotent<Account?> {
        let opening = Statement(
            """
            WITH opened AS (
                INSERT INTO accounts (user_id) VALUES ($1) ON CONFLICT (user_id) DO NOTHING
                RETURNING account_number, user_id, balance
            ), counted AS (
                UPDATE ledger_counts SET accounts = accounts + 1 FROM opened
                WHERE shard = pg_backend_pid() % 16
            )
            SELECT account_number, user_id, balance FROM opened
            """, userID.text)
        return try await commit(opening, for: userID, claim)
    }

    package func deposit(
        _ amount: Amount, to userID: UserID, claim: IdempotencyClaim?
    ) async throws -> Idempotent<Account?> {
        let deposit = Statement(
            """
            WITH account AS (
                UPDATE accounts SET balance = balance + $2::bigint WHERE user_id = $1
                RETURNING account_number, user_id, balance
            ), entry AS (
                INSERT INTO transfers (transfer_id, debit_account, credit_account, amount)
                SELECT $3::uuid, 0, account_number, $2::bigint FROM account
            ), counted AS (
                UPDATE ledger_counts
                SET deposits = deposits + 1, deposited = deposited + $2::bigint
                FROM account WHERE shard = pg_backend_pid() % 16
            )
            SELECT account_number, user_id, balance FROM account
            """,
            userID.text, amount.money.minorUnits, ids.nextMessageID().description)
        do {
            return try await commit(deposit, for: userID, claim)
        } catch let error as PostgresError where error.constraint == "accounts_balance_range" {
            throw BalanceLimitReached()
        }
    }

    /// One round trip without a claim; with one, a transaction that also keeps the answer.
    private func commit(
        _ statement: Statement, for userID: UserID, _ claim: IdempotencyClaim?
    ) async throws -> Idempotent<Account?> {
        failpoint("door.before-work")
        defer { failpoint("door.after-commit") }
        guard let claim else {
            return .first(try await pool.execute(statement).first.map(Account.init(row:)))
        }
        return try await once(claim, for: userID) { transaction in
            try transaction.execute(statement).first.map(Account.init(row:))
        }
    }

    package func find(_ userID: UserID) async throws -> Account? {
        try await pool.execute(
            Statement(
                "SELECT account_number, user_id, balance FROM accounts WHERE user_id = $1",
                userID.text), retry: .idempotent
        ).first.map(Account.init(row:))
    }

    package func list(_ page: PageRequest) async throws -> [Account] {
        let statement =
            if let before = page.before {
                Statement(
                    """
                    SELECT account_number, user_id, balance FROM accounts
                    WHERE account_number <
                        (SELECT account_number FROM accounts WHERE user_id = $2)
                    ORDER BY account_number DESC LIMIT $1::bigint
                    """, page.limit, before)
            } else {
                Statement(
                    """
                    SELECT account_number, user_id, balance FROM accounts
                    ORDER BY account_number DESC LIMIT $1::bigint
                    """, page.limit)
            }
        return try await pool.execute(statement, retry: .idempotent).map(Account.init(row:))
    }

    package func summary() async throws -> LedgerSummary {
        let rows = try await pool.execute(
            Statement(
                """
                SELECT sum(accounts)::bigint, sum(deposits)::bigint, sum(deposited),
                    sum(charges)::bigint, sum(charged)
                FROM ledger_counts
                """), retry: .idempotent)
        guard let row = rows.first, let deposited = Int128(try row.text(2)),
            let charged = Int128(try row.text(4))
        else { throw PostgresError(.unexpectedResult, "ledger_counts has no counts") }
        return LedgerSummary(
            accounts: try row.integer(0), deposits: try row.integer(1),
            deposited: MoneyTotal(minorUnits: deposited), charges: try row.integer(3),
            charged: MoneyTotal(minorUnits: charged))
    }

    package func transfers(
        of userID: UserID, _ page: PageRequest
    ) async throws -> [Transfer]? {
        guard let account = try await find(userID) else { return nil }
        let before = page.before.flatMap(MessageID.init)?.description
        return try await pool.execute(
            Statement(
                """
                SELECT transfer_id, amount, order_id,
                    (extract(epoch FROM created_at) * 1000000)::bigint
                FROM transfers
                WHERE greatest(debit_account, credit_account) = $1::bigint
                    AND transfer_id < $2::uuid
                ORDER BY transfer_id DESC LIMIT $3::bigint
                """, account.number, before ?? "ffffffff-ffff-ffff-ffff-ffffffffffff", page.limit),
            retry: .idempotent
        ).map { try Transfer(row: $0, userID: userID) }
    }
}

extension Account {
    /// Reads number, user and balance.
    init(row: PostgresRow) throws {
        self.init(
            number: try row.bigint(0), userID: try UserID(try row.text(1)),
            balance: Money(minorUnits: try row.bigint(2)))
    }
}

extension Transfer {
    fileprivate init(row: PostgresRow, userID: UserID) throws {
        let order = try row.textOrNil(2).flatMap(OrderID.init)
        self.init(
            id: try row.text(0), userID: userID,
            amount: try Amount(Money(minorUnits: try row.bigint(1))),
            cause: order.map(Cause.charge) ?? .deposit,
            createdAt: Timestamp(microseconds: try row.bigint(3)))
    }
}
