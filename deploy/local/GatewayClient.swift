import Foundation
import FoundationNetworking

/// The few calls of the gateway that the demo makes.
struct GatewayClient: Sendable {
    struct Order: Decodable {
        let order_id: String
        let status: String
        let failure_reason: String?
    }

    /// The gateway answered with something else than success.
    struct Refusal: Error {
        let status: Int
    }

    let base: URL
    private let session: URLSession

    init(base: URL) {
        self.base = base
        let configuration = URLSessionConfiguration.ephemeral
        configuration.timeoutIntervalForRequest = 5
        session = URLSession(configuration: configuration)
    }

    func createAccount(_ user: String) async throws {
        try await call("POST", "accounts", ["user_id": user])
    }

    /// - Parameter amount: decimal text, sent as a JSON number digit by digit.
    func deposit(_ amount: String, to user: String) async throws {
        try await call("POST", "accounts/\(user)/deposit", raw: #"{"amount":\#(amount)}"#)
    }

    func placeOrder(_ amount: String, by user: String, _ description: String) async throws -> Order
    {
        let text = #"{"user_id":"\#(user)","amount":\#(amount),"description":"\#(description)"}"#
        return try JSONDecoder().decode(Order.self, from: await call("POST", "orders", raw: text))
    }

    func order(_ id: String) async throws -> Order {
        try JSONDecoder().decode(Order.self, from: await call("GET", "orders/\(id)", raw: nil))
    }

    private func call(_ method: String, _ path: String, _ body: [String: String]) async throws {
        let text = String(decoding: try JSONEncoder().encode(body), as: UTF8.self)
        try await call(method, path, raw: text)
    }

    @discardableResult
    private func call(_ method: String, _ path: String, raw body: String?) async throws -> Data {
        var request = URLRequest(url: base.appending(path: path))
        request.httpMethod = method
        request.httpBody = body.map { Data($0.utf8) }
        request.setValue("application/json", forHTTPHeaderField: "Content-Type")
        let (data, response) = try await session.data(for: request)
        let status = (response as? HTTPURLResponse)?.statusCode ?? 0
        guard (200..<300).contains(status) else { throw Refusal(status: status) }
        return data
    }
}
