import Failpoint
import JSON
import Messaging
import MessagingLive
package import PaymentsApplication
package import PaymentsDomain
import Postgres
package import SharedKernel

/// Inbox, balances, transfers, outcomes and outbox: one transaction, or none of it.
extension PostgresAccountRepository {
    package func charge(
        _ requests: [ChargeRequest],
        _ decide: @escaping @Sendable (OrderCreated, inout ChargeBook) -> ChargeBook.Entry
    ) async throws -> [ChargeBook.Entry] {
        try await pool.transaction(retry: .idempotent, committed: outboxFilled.ring) {
            transaction in
            let charge = try charge(requests, decide, in: transaction)
            failpoint("consumer.before-commit")
            try Self.refusingTwins { () throws(PostgresError) in
                _ = try transaction.commit(together: charge.writes)
            }
            return charge.entries
        }
    }

    /// The same transaction, rolled back: nothing tells a rehearsal from a charge but its end.
    package func rehearse(
        _ request: ChargeRequest,
        _ decide: @escaping @Sendable (OrderCreated, inout ChargeBook) -> ChargeBook.Entry
    ) async throws -> ChargeRehearsal {
        do {
            try await pool.transaction(retry: .idempotent) { transaction in
                let charge = try charge([request], decide, in: transaction)
                try Self.refusingTwins { () throws(PostgresError) in
                    _ = try transaction.execute(together: charge.writes)
                }
                guard let entry = charge.entries.first else { return }
                let before = charge.accounts.first?.balance
                throw TakenBack(
                    rehearsal: ChargeRehearsal(
                        entry: entry, before: before,
                        after: charge.changed.first?.balance ?? before))
            }
            throw PostgresError(.unexpectedResult, "a rehearsal was not taken back")
        } catch let taken as TakenBack {
            return taken.rehearsal
        }
    }

    /// Rolls a rehearsal back, and carries what it showed.
    private struct TakenBack: Error {
        let rehearsal: ChargeRehearsal
    }

    /// What was decided, and how it is written down.
    private struct Charge {
        let entries: [ChargeBook.Entry]
        let accounts: [Account]
        let changed: [Account]
        let writes: [Statement]
    }

    /// Two who find no account lock none in common: the key of the outcomes has the later begin
    /// again, and see the first's.
    private static func refusingTwins(
        _ write: () throws(PostgresError) -> Void
    ) throws(PostgresError) {
        do {
            try write()
        } catch {
            guard error.code == .uniqueViolation, error.constraint == "outcomes_pkey" else {
                throw error
            }
            throw PostgresError(.serializationFailure, "an order was decided meanwhile")
        }
    }

    /// Reads in the caller's transaction what a charge needs, and decides.
    private func charge(
        _ requests: [ChargeRequest],
        _ decide: (OrderCreated, inout ChargeBook) -> ChargeBook.Entry,
        in transaction: PostgresTransaction
    ) throws -> Charge {
        let read = try transaction.execute(together: [
            // The inbox first: a second consumer with the same message waits here for the first
            // one's commit.
            PostgresInbox.admission(of: Set(requests.map(\.messageID))),
            Self.lock(requests.map(\.order.userID)),
            // After the locks, so that what another transaction decided before them is seen.
            Self.outcomes(of: requests.map(\.order.orderID)),
        ])
        let fresh = try PostgresInbox.admitted(read[0])
        let accounts = try read[1].map(Account.init(row:))
        let stored = try Self.stored(read[2])
        var book = ChargeBook(
            accounts: accounts, outcomes: stored.values.map(\.outcome))
        let entries = Self.entries(requests, fresh: fresh, known: Set(stored.keys)) {
            decide($0, &book)
        }
        let tellings = Self.tellings(of: zip(requests, entries), stored: stored, ids: ids)
        return Charge(
            entries: entries, accounts: accounts, changed: book.changedAccounts,
            writes: records(of: tellings.filter(\.isNew), accounts, book.changedAccounts)
                + [PostgresOutbox.addition(of: tellings.map(\.message))])
    }

    /// An outcome, and the message that tells it.
    private struct Telling {
        let outcome: PaymentOutcome
        let isNew: Bool
        /// Who sent the message that asked for it, and when.
        let publication: Publication
        let message: OutboxMessage
    }

    /// A message that was handled before, but not for this order, is not to be believed.
    private static func entries(
        _ requests: [ChargeRequest], fresh: Set<MessageID>, known: Set<OrderID>,
        _ charge: (OrderCreated) -> ChargeBook.Entry
    ) -> [ChargeBook.Entry] {
        var orders: [MessageID: OrderID] = [:]
        return requests.map { request in
            let order = request.order.orderID
            let isFirstUse = fresh.contains(request.messageID) && orders[request.messageID] == nil
            guard isFirstUse || orders[request.messageID] == order || known.contains(order) else {
                return .contradicts("message id was used for another order")
            }
            orders[request.messageID] = order
            return charge(request.order)
        }
    }

    /// Locks in the order of user ids: two consumers that share accounts queue up and do not
    /// deadlock.
    private static func lock(_ users: [UserID]) -> Statement {
        Statement(
            """
            SELECT account_number, user_id, balance FROM accounts
            WHERE user_id = ANY ($1::text[]) ORDER BY user_id FOR NO KEY UPDATE
            """, Set(users).map(\.text))
    }

    private static func outcomes(of orders: [OrderID]) -> Statement {
        Statement(
            """
            SELECT order_id, user_id, amount, is_paid, reason, message_id FROM outcomes
            WHERE order_id = ANY ($1::uuid[])
            """, orders.map(\.description))
    }

    private static func stored(
        _ rows: PostgresRows
    ) throws -> [OrderID: (outcome: PaymentOutcome, messageID: MessageID)] {
        var stored: [OrderID: (outcome: PaymentOutcome, messageID: MessageID)] = [:]
        for row in rows {
            guard let order = OrderID(try row.text(0)), let message = MessageID(try row.text(5))
            else { continue }
            let reason = try row.textOrNil(4).flatMap(FailureReason.init(rawValue:))
            let outcome = PaymentOutcome(
                orderID: order, userID: try UserID(try row.text(1)),
                amount: try Amount(Money(minorUnits: try row.bigint(2))),
                verdict: try row.boolean(3) ? .paid : .failed(reason))
            stored[order] = (outcome, message)
        }
        return stored
    }

    /// One telling for each order, new or told again: Orders may have lost the first.
    private static func tellings(
        of charges: some Sequence<(ChargeRequest, ChargeBook.Entry)>,
        stored: [OrderID: (outcome: PaymentOutcome, messageID: MessageID)], ids: UUIDv7Source
    ) -> [Telling] {
        var tellings: [OrderID: Telling] = [:]
        for (request, entry) in charges {
            let outcome: PaymentOutcome
            switch entry {
            case .decided(let decided): outcome = decided
            case .repeated(let earlier): outcome = earlier
            case .contradicts: continue
            }
            guard tellings[outcome.orderID] == nil else { continue }
            let storedID = stored[outcome.orderID]?.messageID
            let message = OutboxMessage(
                id: storedID ?? ids.nextMessageID(), type: outcome.type,
                payload: outcome.json.encoded, headers: request.correlation.headers,
                createdAt: .now, attempts: 0)
            tellings[outcome.orderID] = Telling(
                outcome: outcome, isNew: storedID == nil, publication: request.publication,
                message: message)
        }
        return tellings.values.sorted { $0.message.id < $1.message.id }
    }

    /// Outcomes, balances, and the transfers behind what is paid.
    private func records(
        of decided: [Telling], _ accounts: [Account], _ changed: [Account]
    ) -> [Statement] {
        guard !decided.isEmpty else { return [] }
        let numbers = Dictionary(uniqueKeysWithValues: accounts.map { ($0.userID, $0.number) })
        let paid = decided.map(\.outcome).filter { $0.verdict == .paid }
        let balances = changed.isEmpty ? [] : [Self.balances(changed)]
        let transfers = paid.isEmpty ? [] : [transfers(paid, from: numbers)]
        return [outcomes(decided)] + balances + transfers
    }

    private static func balances(_ accounts: [Account]) -> Statement {
        Statement(
            """
            UPDATE accounts SET balance = change.balance
            FROM unnest($1::bigint[], $2::bigint[]) AS change (account_number, balance)
            WHERE accounts.account_number = ANY ($1::bigint[])
                AND accounts.account_number = change.account_number
            """, accounts.map(\.number), accounts.map(\.balance.minorUnits))
    }

    /// Their key refuses a second decision on an order, whatever let it come so far.
    private func outcomes(_ decided: [Telling]) -> Statement {
        let outcomes = decided.map(\.outcome)
        return Statement(
            """
            INSERT INTO outcomes (order_id, user_id, amount, is_paid, reason, message_id,
                published_by, published_at, decided_by)
            SELECT order_id, user_id, amount, is_paid, reason, message_id, published_by,
                timestamptz 'epoch' + published_at * interval '1 microsecond', $9
            FROM unnest($1::uuid[], $2::text[], $3::bigint[], $4::boolean[], $5::text[],
                $6::uuid[], $7::text[], $8::bigint[])
                AS decided (order_id, user_id, amount, is_paid, reason, message_id,
                    published_by, published_at)
            """,
            outcomes.map(\.orderID.description), outcomes.map(\.userID.text),
            outcomes.map(\.amount.money.minorUnits), outcomes.map { $0.verdict == .paid },
            outcomes.map(\.verdict.reason), decided.map(\.message.id.description),
            decided.map(\.publication.instance?.description),
            decided.map(\.publication.moment?.microseconds), instance?.description)
    }

    /// Their key refuses a second charge of an order.
    private func transfers(
        _ paid: [PaymentOutcome], from numbers: [UserID: Int64]
    ) -> Statement {
        Statement(
            """
            WITH charges AS (
                INSERT INTO transfers
                    (transfer_id, debit_account, credit_account, amount, order_id)
                SELECT transfer_id, debit_account, -1, amount, order_id
                FROM unnest($1::uuid[], $2::bigint[], $3::bigint[], $4::uuid[])
                    AS charge (transfer_id, debit_account, amount, order_id)
                RETURNING amount
            )
            UPDATE ledger_counts
            SET charges = ledger_counts.charges + more.orders, charged = charged + more.amount
            FROM (SELECT count(*) AS orders, sum(amount) AS amount FROM charges) AS more
            WHERE shard = pg_backend_pid() % 16
            """,
            paid.map { _ in ids.nextMessageID().description },
            paid.compactMap { numbers[$0.userID] }, paid.map(\.amount.money.minorUnits),
            paid.map(\.orderID.description))
    }
}

extension PaymentOutcome.Verdict {
    fileprivate var reason: String? {
        guard case .failed(let reason) = self else { return nil }
        return reason?.rawValue
    }
}
