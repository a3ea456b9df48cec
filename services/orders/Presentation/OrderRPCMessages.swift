import Access
import GRPCCore
import HTTPTypes
import JSON
import OrderServiceRPC
import OrdersApplication
import OrdersDomain
import ServiceHost
import SharedKernel

// What the gRPC door reads and writes, by the rules and in the words of HTTP.

extension Idempotent<Order> {
    /// The order as a message, and whether it was accepted before.
    ///
    /// - Throws: ``HTTPFault`` where the key stands for another request.
    var message: (order: Orders_Order, isReplayed: Bool) {
        get throws(HTTPFault) {
            switch self {
            case .first(let order): (Orders_Order(order), false)
            case .replayed(let order): (Orders_Order(order), true)
            case .keyReused: throw .keyReused
            }
        }
    }
}

extension PlaceOrder.Wish {
    /// Reads what a call asks for.
    ///
    /// - Throws: ``HTTPFault`` with every wrong field.
    init(
        _ message: Orders_CreateOrderRequest, _ metadata: Metadata, _ call: OrderRPC.Call,
        of caller: Caller
    ) throws(HTTPFault) {
        self.init(
            try OrderRequest(message),
            under: try IdempotencyKey.read(metadata.joined("idempotency-key"), of: caller),
            correlation: call.correlation)
    }
}

extension Result {
    var failure: Failure? {
        guard case .failure(let failure) = self else { return nil }
        return failure
    }
}

extension OrderRequest {
    /// Reads the message by the rules of the HTTP body, so that the words are the same.
    ///
    /// - Throws: ``HTTPFault`` with every wrong field.
    init(_ message: Orders_CreateOrderRequest) throws(HTTPFault) {
        let digits = "\(message.amount)"
        if let user = try? UserID(message.userID), let amount = try? Amount(decimal: digits),
            let description = try? OrderDescription(message.description_p)
        {
            self.init(userID: user, amount: amount, description: description)
            return
        }
        // What is wrong is said once, for every field.
        let body: JSONValue = [
            "user_id": .string(message.userID),
            // The infinities and NaN are no JSON numbers.
            "amount": message.amount.isFinite ? .number(digits) : .string(digits),
            "description": .string(message.description_p),
        ]
        self = try RequestFields.read(RequestFields(body: body)) { fields -> OrderRequest? in
            let (user, amount, description) = (
                fields.userID("user_id"), fields.amount("amount"),
                fields.description("description")
            )
            guard let user, let amount, let description else { return nil }
            return OrderRequest(userID: user, amount: amount, description: description)
        }
    }
}

extension Order {
    /// What the order takes in a message at most: its texts, and for the rest, of which every field
    /// is bounded, what they come to with their tags.
    var encodedSizeLimit: Int {
        request.userID.text.utf8.count + request.description.text.utf8.count + 192
    }
}

extension Orders_Order {
    init(_ order: Order) {
        self.init()
        orderID = order.id.description
        userID = order.request.userID.text
        amount = order.request.amount.double
        description_p = order.request.description.text
        status = order.status.rawValue
        createdAt = order.createdAt.description
        updatedAt = order.updatedAt.description
        failureReason = order.failureReason?.rawValue ?? ""
    }
}

extension HTTPFault {
    /// The fault in one line: `amount: Input should be greater than 0`.
    var words: String {
        guard let errors = detail.array else { return detail.string ?? "Invalid request" }
        return errors.map { error in
            let field = error["loc"]?.array?.last?.string ?? "request"
            return "\(field): \(error["msg"]?.string ?? "invalid")"
        }.joined(separator: "; ")
    }
}

extension Metadata {
    /// A header's value, several joined by commas, as HTTP has it; nil where there is none.
    func joined(_ name: String) -> String? {
        let values = Array(self[stringValues: name])
        return values.isEmpty ? nil : values.joined(separator: ", ")
    }
}

extension Credentials {
    /// What a call shows: the first of each, and nothing where a token comes twice.
    init(_ metadata: Metadata) {
        func only(_ name: String) -> String? {
            let values = Array(metadata[stringValues: name])
            return values.count == 1 ? values[0] : nil
        }
        self.init(
            authorization: only("authorization"), statedCaller: only("kassa-caller"),
            statedRole: only("kassa-caller-role"))
    }
}

extension RPCError {
    /// The refusal as gRPC says it.
    init(_ refusal: AccessRefusal) {
        let code: RPCError.Code =
            switch refusal {
            case .notAuthenticated: .unauthenticated
            case .needs: .permissionDenied
            case .unreadableCaller: .invalidArgument
            }
        self.init(code: code, message: refusal.words)
    }
}

extension Correlation {
    /// A call's metadata are HTTP headers, and are read by the same rules.
    init(_ metadata: Metadata) {
        var headers = HTTPFields()
        for name in Correlation.headerNames {
            guard let field = HTTPField.Name(name) else { continue }
            headers[field] = metadata[stringValues: name].first { _ in true }
        }
        self = correlation(of: headers)
    }
}
