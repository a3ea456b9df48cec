/// A question to the gateway. The answer comes back as an event that carries the same value.
package enum Request: Hashable, Sendable {
    /// `GET /orders?limit=`: the newest orders.
    case orders(limit: Int)
    /// `GET /orders?user_id=&limit=`: the newest orders of one account.
    case ordersOf(user: String, limit: Int)
    /// `GET /orders/changes?after=&limit=`: what was placed or changed since a cursor.
    ///
    /// `after: nil` asks where the stream stands now: a cursor, and no rows that matter.
    case changes(after: String?, limit: Int)
    /// `GET /accounts?limit=`: the newest accounts.
    case accounts(limit: Int)
    /// `GET /orders/{id}`, with history and the raw JSON.
    case order(id: String)
    /// `GET /accounts/{user}/balance`.
    case balance(user: String)
    /// `GET /accounts/{user}/transfers?limit=`.
    case transfers(user: String, limit: Int)
    /// `GET /orders/summary` and `GET /accounts/summary`: how many there are of everything.
    case totals
    /// `GET /audit` and the parked messages of both services.
    case books
    /// The health of the gateway and of the services behind it.
    case health
    /// A POST under an `Idempotency-Key`.
    case submit(Submission)
}

/// What a form sends.
package struct Submission: Hashable, Sendable {
    /// The call and its contents.
    package enum Content: Hashable, Sendable {
        case openAccount(user: String)
        case deposit(user: String, amount: Cents)
        case placeOrder(user: String, amount: Cents, description: String)
    }

    /// The `Idempotency-Key` header: one key never goes out with two contents.
    package let key: String
    /// What is asked for.
    package let content: Content

    /// - Parameters: as the properties.
    package init(key: String, content: Content) {
        self.key = key
        self.content = content
    }
}
