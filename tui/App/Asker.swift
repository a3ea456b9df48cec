import KassaClient
import KassaModel
import SharedKernel

/// Puts the model's questions to the gateway.
struct Asker: Sendable {
    let client: GatewayClient

    /// One question, one event; never later than the client's deadline.
    @concurrent func ask(_ request: Request) async -> Event {
        let start = Moment.current.now
        do throws(CallFailure) {
            let (response, bytes) = try await answer(request)
            let now = Moment.current
            return .responded(
                request, response, Cost(milliseconds: now.now - start, bytes: bytes), now)
        } catch {
            return .failed(request, Failure(error), .current)
        }
    }

    private func answer(_ request: Request) async throws(CallFailure) -> (Response, Int) {
        switch request {
        case .orders(let limit):
            let told = try await client.orders(.init(limit: limit))
            return (.orders(told.value.elements.map(OrderRow.init)), told.size)
        case .ordersOf(let user, let limit):
            let told = try await client.orders(.init(user: user, limit: limit))
            return (.orders(told.value.elements.map(OrderRow.init)), told.size)
        case .changes(let cursor, let limit):
            let told = try await client.orderChanges(after: cursor, limit: limit)
            let page = told.value
            return (
                .changes(
                    page.orders.map(OrderRow.init), next: page.next, hasMore: page.hasMore),
                told.size
            )
        case .accounts(let limit):
            let told = try await client.accounts(limit: limit)
            return (.accounts(told.value.elements.map(AccountRow.init)), told.size)
        case .order(let id):
            let told = try await client.order(id)
            let history = (told.value.history ?? []).map(HistoryRow.init)
            let detail = OrderDetail(
                row: OrderRow(told.value), history: history, raw: told.json.indented())
            return (.order(detail), told.size)
        case .balance(let user):
            let told = try await client.account(user)
            return (.balance(AccountRow(told.value)), told.size)
        case .transfers(let user, let limit):
            let told = try await client.transfers(of: user, limit: limit)
            return (
                .transfers(user: user, told.value.elements.map(TransferRow.init)), told.size
            )
        case .health:
            let told = try await client.readiness()
            return (.health(ServiceHealth.list(told.value)), told.size)
        case .totals: return try await totals()
        case .books: return try await books()
        case .submit(let submission):
            return try await submit(submission)
        }
    }

    private func totals() async throws(CallFailure) -> (Response, Int) {
        let orders = try await client.orderSummary()
        let accounts = try await client.accountSummary()
        let totals = Totals(
            pending: orders.value.pending, paid: orders.value.paid, failed: orders.value.failed,
            accounts: accounts.value.accounts,
            balance: accounts.value.balance.map { Cents($0.minorUnits) })
        return (.totals(totals), orders.size + accounts.size)
    }

    private func books() async throws(CallFailure) -> (Response, Int) {
        let audit = try await client.audit()
        var (parked, size): ([ParkedRow], Int) = ([], audit.size)
        for service in ["orders", "payments"] {
            let told = try await client.parkedMessages(of: service, state: "parked")
            parked += told.value.map(ParkedRow.init)
            size += told.size
        }
        parked.sort { $0.parkedAt > $1.parkedAt }
        let standing = Books.Standing(rawValue: audit.value.state) ?? .unknown
        return (.books(Books(standing: standing, wrong: audit.value.wrong, parked: parked)), size)
    }

    private func submit(_ submission: Submission) async throws(CallFailure) -> (Response, Int) {
        switch submission.content {
        case .openAccount(let user):
            let told = try await client.createAccount(user, key: submission.key)
            return (.account(AccountRow(told.value)), told.size)
        case .deposit(let user, let amount):
            let told = try await client.deposit(
                Money(minorUnits: amount.value), to: user, key: submission.key)
            return (.account(AccountRow(told.value)), told.size)
        case .placeOrder(let user, let amount, let description):
            let told = try await client.placeOrder(
                user: user, amount: Money(minorUnits: amount.value), description: description,
                key: submission.key)
            return (.placed(OrderRow(told.value)), told.size)
        }
    }
}
