import Hummingbird
import JSON
package import PaymentsApplication
import PaymentsDomain
package import ServiceHost
import SharedKernel

/// The HTTP door of Payments.
package struct AccountRoutes: Sendable {
    private let openAccount: OpenAccount
    private let deposit: Deposit
    private let viewAccounts: ViewAccounts

    /// - Parameters: the use cases behind the door.
    package init(openAccount: OpenAccount, deposit: Deposit, viewAccounts: ViewAccounts) {
        self.openAccount = openAccount
        self.deposit = deposit
        self.viewAccounts = viewAccounts
    }

    /// Adds the routes.
    package func add(to router: ServiceRouter) {
        router.post("/accounts", open)
        router.get("/accounts", list)
        router.get("/accounts/summary", summary)
        router.post("/accounts/{user_id}/deposit", deposit)
        router.get("/accounts/{user_id}/balance", balance)
        router.get("/accounts/{user_id}/transfers", transfers)
    }

    /// The user may stand in the query, as the reference project's service has it, or in a JSON
    /// body, as its gateway has. A body beside the query is not read, but must be one.
    private func open(_ request: Request, _ context: KassaRequestContext) async throws -> Response {
        let query = RequestFields(query: request)
        let json = try await readJSON(request, context)
        let body = RequestFields(body: json)
        let isInQuery = query.has("user_id")
        if isInQuery, json != .null { try body.validated() }
        let fields = isInQuery ? query : body
        let user = try RequestFields.read(fields) { $0.userID("user_id") }
        let opened = try await openAccount(user, under: try context.idempotencyKey(of: request))
        return try opened.response { account in
            guard let account else {
                return HTTPFault(.conflict, "Account '\(user)' already exists").bufferedResponse
            }
            let location = "/accounts/\(PercentCoding.encode(user.text))/balance"
            return account.json.bufferedResponse(.created, headers: [.location: location])
        }.response
    }

    private func deposit(
        _ request: Request, _ context: KassaRequestContext
    ) async throws -> Response {
        let body = RequestFields(body: try await readJSON(request, context))
        let amount = try RequestFields.read(body) { $0.amount("amount") }
        let key = try context.idempotencyKey(of: request)
        let name = context.pathText("user_id") ?? ""
        let notFound = HTTPFault(.notFound, "Account '\(name)' not found")
        guard let user = context.pathUserID("user_id") else { throw notFound }
        do {
            let deposited = try await deposit(amount, to: user, under: key)
            return try deposited.response { account in
                account?.json.bufferedResponse() ?? notFound.bufferedResponse
            }.response
        } catch is BalanceLimitReached {
            throw HTTPFault.invalid([
                FieldError(
                    type: "value_error", loc: ["body", "amount"],
                    msg: "Value error, the account cannot hold that much",
                    input: .number(amount.description))
            ])
        }
    }

    private func balance(
        _ request: Request, _ context: KassaRequestContext
    ) async throws -> Response {
        guard let user = context.pathUserID("user_id"),
            let account = try await viewAccounts.account(of: user)
        else { throw Self.notFound }
        return account.json.response()
    }

    private func list(_ request: Request, _ context: KassaRequestContext) async throws -> Response {
        let page = try RequestFields.read(RequestFields(query: request), Self.accountPage)
        let accounts = try await viewAccounts.list(page)
        return JSONValue.array(accounts.elements.map(\.json))
            .response(headers: Self.link("/accounts", accounts.next))
    }

    private func summary(
        _ request: Request, _ context: KassaRequestContext
    ) async throws -> Response {
        try await viewAccounts.summary().json.response()
    }

    private func transfers(
        _ request: Request, _ context: KassaRequestContext
    ) async throws -> Response {
        let page = try RequestFields.read(RequestFields(query: request), Self.transferPage)
        guard let user = context.pathUserID("user_id"),
            let transfers = try await viewAccounts.transfers(of: user, page)
        else { throw Self.notFound }
        let path = "/accounts/\(PercentCoding.encode(user.text))/transfers"
        return JSONValue.array(transfers.elements.map(\.json))
            .response(headers: Self.link(path, transfers.next))
    }

    private static var notFound: HTTPFault { HTTPFault(.notFound, "Account not found") }

    private static func accountPage(_ fields: inout RequestFields) -> PageRequest? {
        PageRequest(before: fields.optionalUserID("before")?.text, limit: fields.limit())
    }

    /// A cursor that cannot be read is refused: beginning anew in silence would have its reader go
    /// in circles.
    private static func transferPage(_ fields: inout RequestFields) -> PageRequest? {
        let before = fields.optionalText("before")
        if let before, MessageID(before) == nil {
            fields.refuse("before", type: "uuid_parsing", msg: "Input should be a valid UUID")
        }
        return PageRequest(before: before, limit: fields.limit())
    }

    private static func link(_ path: String, _ next: PageRequest?) -> HTTPFields {
        guard let next else { return [:] }
        return [
            .link: PageLink.next(path, [("limit", "\(next.limit)"), ("before", next.before)])
        ]
    }
}
