package import PaymentsApplication
package import Postgres
package import SharedKernel

/// The ledger as an auditor reads it: each page is one statement, so of one moment.
package struct PostgresLedgerAudit: LedgerAudit {
    private let pool: PostgresPool

    /// - Parameter pool: connections to the payments database.
    package init(pool: PostgresPool) { self.pool = pool }

    /// Each side gives its first rows, and of both together the first are right: an order that is
    /// among them has at most as many before it on its own side.
    package func auditCharges(before: OrderID?, limit: Int) async throws -> [ChargeAuditRow] {
        try await pool.execute(
            Statement(
                """
                SELECT order_id, outcome.user_id, outcome.amount, is_paid, debits, debited,
                    accounts.user_id
                FROM (
                    SELECT order_id, user_id, amount, is_paid FROM outcomes
                    WHERE order_id < $1::uuid ORDER BY order_id DESC LIMIT $2::bigint
                ) AS outcome FULL JOIN (
                    SELECT order_id, count(*) AS debits, sum(amount) AS debited,
                        max(debit_account) AS debit_account
                    FROM transfers WHERE order_id < $1::uuid
                    GROUP BY order_id ORDER BY order_id DESC LIMIT $2::bigint
                ) AS debit USING (order_id)
                LEFT JOIN accounts ON account_number = debit_account
                ORDER BY order_id DESC LIMIT $2::bigint
                """, before?.description ?? "ffffffff-ffff-ffff-ffff-ffffffffffff", limit),
            retry: .idempotent
        ).map(ChargeAuditRow.init(row:))
    }

    package func auditCharge(of order: OrderID) async throws -> ChargeAuditRow? {
        try await pool.execute(
            Statement(
                """
                SELECT order_id, outcome.user_id, outcome.amount, is_paid, debits, debited,
                    accounts.user_id
                FROM (SELECT * FROM outcomes WHERE order_id = $1::uuid) AS outcome
                FULL JOIN (
                    SELECT order_id, count(*) AS debits, sum(amount) AS debited,
                        max(debit_account) AS debit_account
                    FROM transfers WHERE order_id = $1::uuid GROUP BY order_id
                ) AS debit USING (order_id)
                LEFT JOIN accounts ON account_number = debit_account
                """, order.description), retry: .idempotent
        ).first.map(ChargeAuditRow.init(row:))
    }

    package func auditAccounts(
        after number: Int64, limit: Int, movementsSince since: Timestamp
    ) async throws -> [AccountAuditRow] {
        try await pool.execute(
            Statement(
                """
                SELECT account_number, user_id, balance, deposited, charged
                FROM (
                    SELECT account_number, user_id, balance FROM accounts
                    WHERE account_number > $1::bigint ORDER BY account_number LIMIT $2::bigint
                ) AS page CROSS JOIN LATERAL (
                    SELECT coalesce(sum(amount) FILTER (WHERE order_id IS NULL), 0) AS deposited,
                        coalesce(sum(amount) FILTER (WHERE order_id IS NOT NULL), 0) AS charged
                    FROM transfers
                    WHERE greatest(debit_account, credit_account) = page.account_number
                        AND transfer_id >= $3::uuid
                ) AS recent
                ORDER BY account_number
                """, number, limit, MessageID(notBefore: since).description), retry: .idempotent
        ).map { row in
            AccountAuditRow(
                number: try row.bigint(0), userID: try row.text(1),
                balance: Money(minorUnits: try row.bigint(2)),
                recent: try MovementSums(row: row, 3))
        }
    }

    package func auditMovements(
        after place: LedgerPlace, through: Int64, until: Timestamp, limit: Int
    ) async throws -> MovementPage {
        let rows = try await pool.execute(
            Statement(
                """
                SELECT account_number,
                    coalesce(sum(amount) FILTER (WHERE order_id IS NULL), 0),
                    coalesce(sum(amount) FILTER (WHERE order_id IS NOT NULL), 0),
                    count(*), max(transfer_id::text)
                FROM (
                    SELECT greatest(debit_account, credit_account) AS account_number,
                        transfer_id, amount, order_id
                    FROM transfers
                    WHERE (greatest(debit_account, credit_account), transfer_id)
                            > ($1::bigint, $2::uuid)
                        AND greatest(debit_account, credit_account) <= $3::bigint
                        AND transfer_id < $4::uuid
                    ORDER BY greatest(debit_account, credit_account), transfer_id
                    LIMIT $5::bigint
                ) AS piece
                GROUP BY account_number ORDER BY account_number
                """, place.account,
                place.transfer?.description ?? Self.endOfAccount,
                through, MessageID(notBefore: until).description, limit), retry: .idempotent)
        var (sums, count): ([Int64: MovementSums], Int) = ([:], 0)
        for row in rows {
            sums[try row.bigint(0)] = try MovementSums(row: row, 1)
            count += try row.integer(3)
        }
        var next: LedgerPlace?
        if count == limit, let last = rows.last {
            next = LedgerPlace(
                account: try last.bigint(0), transfer: MessageID(try last.text(4)))
        }
        return MovementPage(sums: sums, next: next)
    }

    /// A place without a transfer is behind its account.
    private static let endOfAccount = "ffffffff-ffff-ffff-ffff-ffffffffffff"
}

extension ChargeAuditRow {
    /// Reads the seven columns of a decision with its debits, either of which may be missing.
    fileprivate init(row: PostgresRow) throws {
        guard let order = OrderID(try row.text(0)) else {
            throw PostgresError(.unexpectedResult, "an order id is no UUID")
        }
        var (decision, debits): (Decision?, Debits?)
        if let user = try row.textOrNil(1) {
            decision = Decision(
                userID: user, amount: Money(minorUnits: try row.bigint(2)),
                isPaid: try row.boolean(3))
        }
        if let count = try row.bigintOrNil(4) {
            debits = Debits(
                count: Int(count), amount: try MoneyTotal(row: row, 5),
                userID: try row.textOrNil(6))
        }
        self.init(orderID: order, decision: decision, debits: debits)
    }
}

extension MovementSums {
    fileprivate init(row: PostgresRow, _ column: Int) throws {
        self.init(
            deposited: try MoneyTotal(row: row, column),
            charged: try MoneyTotal(row: row, column + 1))
    }
}

extension MoneyTotal {
    fileprivate init(row: PostgresRow, _ column: Int) throws {
        guard let cents = Int128(try row.text(column)) else {
            throw PostgresError(.unexpectedResult, "a sum is no number")
        }
        self.init(minorUnits: cents)
    }
}
