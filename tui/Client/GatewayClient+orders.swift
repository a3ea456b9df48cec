import JSON
import NIOHTTP1
package import SharedKernel

extension GatewayClient {
    /// Which orders to list.
    package struct OrderFilter: Sendable {
        /// Only this customer's.
        package var user: String?
        /// Only those that stand so.
        package var status: OrderRecord.Status?
        /// Only older ones than this: a page's `next`.
        package var before: String?
        /// 1 to 1,000.
        package var limit: Int

        /// - Parameters: as the properties.
        package init(
            user: String? = nil, status: OrderRecord.Status? = nil, before: String? = nil,
            limit: Int = 100
        ) {
            self.user = user
            self.status = status
            self.before = before
            self.limit = limit
        }
    }

    /// Places an order, which is pending then.
    ///
    /// - Parameters:
    ///   - amount: in cents, 1 to 999,999,999,999.
    ///   - key: one for each order that is meant; the same again for a further try.
    /// - Throws: ``CallFailure``.
    package func placeOrder(
        user: String, amount: Money, description: String, key: String
    ) async throws(CallFailure) -> Told<OrderRecord> {
        let body: JSONValue = [
            "user_id": .string(user), "amount": .number(amount.description),
            "description": .string(description),
        ]
        return try await tell(call(.POST, "/orders", body: body, key: key)) {
            json throws(CallFailure) in try OrderRecord(json: json)
        }
    }

    /// One order with its history.
    ///
    /// - Throws: ``CallFailure``; 404 for one that does not exist.
    package func order(_ id: String) async throws(CallFailure) -> Told<OrderRecord> {
        try await tell(call(.GET, "/orders/\(PercentEncoding.encode(id))")) {
            json throws(CallFailure) in try OrderRecord(json: json)
        }
    }

    /// Orders, newest first.
    ///
    /// - Throws: ``CallFailure``.
    package func orders(
        _ filter: OrderFilter = OrderFilter()
    ) async throws(CallFailure) -> Told<Page<OrderRecord>> {
        let query = Self.query([
            ("user_id", filter.user), ("status", filter.status?.rawValue),
            ("before", filter.before), ("limit", "\(filter.limit)"),
        ])
        return try await tellPage(call(.GET, "/orders" + query)) { json throws(CallFailure) in
            try OrderRecord(json: json)
        }
    }

    /// How many orders there are, by status.
    ///
    /// - Throws: ``CallFailure``; 404 from a gateway that counts nothing.
    package func orderSummary() async throws(CallFailure) -> Told<OrderSummaryRecord> {
        try await tell(call(.GET, "/orders/summary")) { json throws(CallFailure) in
            try OrderSummaryRecord(json: json)
        }
    }

    /// What was created or changed since a cursor; without one, the cursor of now.
    ///
    /// - Parameter limit: 1 to 1,000.
    /// - Throws: ``CallFailure``; refused for a cursor of another database.
    package func orderChanges(
        after cursor: String?, limit: Int = 1_000
    ) async throws(CallFailure) -> Told<ChangesPage> {
        let query = Self.query([("after", cursor), ("limit", "\(limit)")])
        return try await tell(call(.GET, "/orders/changes" + query)) { json throws(CallFailure) in
            try ChangesPage(json: json)
        }
    }
}

extension GatewayClient {
    static func query(_ parameters: [(String, String?)]) -> String {
        let pairs = parameters.compactMap { name, value in
            value.map { "\(name)=\(PercentEncoding.encode($0))" }
        }
        return pairs.isEmpty ? "" : "?" + pairs.joined(separator: "&")
    }

    func tell<Value: Sendable>(
        _ answer: Answer, _ read: (JSONValue) throws(CallFailure) -> Value
    ) throws(CallFailure) -> Told<Value> {
        do throws(CallFailure) {
            let json = try answer.json()
            return Told(value: try read(json), json: json, size: answer.body.count)
        } catch {
            // Whatever it was that answered, a POST may have gone through it.
            throw CallFailure(
                error.kind, error.message, status: answer.status,
                isOutcomeUnknown: answer.changesSomething)
        }
    }

    func tellPage<Element: Sendable>(
        _ answer: Answer, _ read: (JSONValue) throws(CallFailure) -> Element
    ) throws(CallFailure) -> Told<Page<Element>> {
        let next = answer.nextBefore
        return try tell(answer) { json throws(CallFailure) in
            guard let elements = json.array else { throw .nonsense("no list") }
            var found: [Element] = []
            found.reserveCapacity(elements.count)
            for element in elements { found.append(try read(element)) }
            return Page(elements: found, next: next)
        }
    }
}
