import AsyncHTTPClient
import Foundation
package import JSON
import NIOCore
import NIOSSL
import Synchronization
package import NIOHTTP1
import LocalStack
import TestSupport

/// What a door answered.
package struct Answer: Sendable {
    package let status: Int
    /// The body; null where it is empty.
    package let json: JSONValue
    /// By lower-case name.
    package let headers: [String: String]

    /// A member of the body as text: a string's, or a number's digits.
    package subscript(name: String) -> String? {
        switch json[name] {
        case .string(let text): text
        case .number(let digits): digits
        default: nil
        }
    }
}

extension Shop {
    /// Calls a daemon, the gateway unless told otherwise; one try, fifteen seconds.
    package func call(
        _ method: HTTPMethod, _ path: String, _ body: JSONValue? = nil,
        headers: [String: String] = [:], at daemon: Daemon = .gateway
    ) async throws -> Answer {
        try await call(method, path, text: body?.text, headers: headers, at: daemon)
    }

    /// The same with a body that need not be JSON.
    package func call(
        _ method: HTTPMethod, _ path: String, text: String?, headers: [String: String] = [:],
        at daemon: Daemon = .gateway
    ) async throws -> Answer {
        let response = try await exchange(method, path, text, headers, at: daemon)
        let bytes = try await response.body.collect(upTo: 16 << 20)
        let headers = Dictionary(
            response.headers.map { ($0.name.lowercased(), $0.value) },
            uniquingKeysWith: { first, _ in first })
        return Answer(
            status: Int(response.status.code),
            json: bytes.readableBytes == 0
                ? .null : try JSONValue(parsing: Array(bytes.readableBytesView)),
            headers: headers)
    }

    /// The status alone of a call with an `Authorization` of one's own; a POST has `{}` for a body.
    package func status(
        _ method: HTTPMethod, _ path: String, _ authorization: String, at daemon: Daemon
    ) async throws -> Int {
        let response = try await exchange(
            method, path, method == .POST ? "{}" : nil, ["Authorization": authorization],
            at: daemon)
        _ = try await response.body.collect(upTo: 16 << 20)
        return Int(response.status.code)
    }

    /// The sum of a metric's series, as a daemon exports it.
    package func metric(_ name: String, of daemon: Daemon) async throws -> Double {
        try await metrics(of: daemon).reduce(0) { sum, line in
            guard line.hasPrefix("\(name){") || line.hasPrefix("\(name) ") else { return sum }
            return sum + (line.split(separator: " ").last.flatMap { Double($0) } ?? 0)
        }
    }

    /// The lines of a daemon's `/metrics`, in Prometheus' text format.
    package func metrics(of daemon: Daemon) async throws -> [Substring] {
        let response = try await exchange(.GET, "/metrics", nil, [:], at: daemon)
        let text = String(buffer: try await response.body.collect(upTo: 16 << 20))
        return text.split(separator: "\n")
    }

    private func exchange(
        _ method: HTTPMethod, _ path: String, _ text: String?, _ headers: [String: String],
        at daemon: Daemon
    ) async throws -> HTTPClientResponse {
        var request = HTTPClientRequest(url: url(daemon) + path)
        request.method = method
        if let security, headers["Authorization"] == nil {
            request.headers.add(
                name: "Authorization", value: "Bearer \(try security.token("operator"))")
        }
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        if let text {
            request.headers.add(name: "Content-Type", value: "application/json")
            request.body = .bytes(ByteBuffer(string: text))
        }
        let client = security.map { Clients.trusting($0.certificates.authority) } ?? .shared
        return try await client.execute(request, timeout: .seconds(15))
    }

    /// Opens an account and brings money in.
    package func openAccount(_ user: String, balance: String) async throws {
        let opened = try await call(.POST, "/accounts", ["user_id": .string(user)])
        let filled = try await call(
            .POST, "/accounts/\(user)/deposit", ["amount": .number(balance)])
        guard opened.status == 201, filled.status == 200 else {
            throw StackError("account not opened: \(opened.json) \(filled.json)")
        }
    }

    /// Places an order and gives its id.
    package func place(
        _ user: String, _ amount: String, path: String = "/orders"
    ) async throws -> String {
        let answer = try await call(
            .POST, path,
            ["user_id": .string(user), "amount": .number(amount), "description": "test"])
        guard answer.status == 201, let id = answer["order_id"] else {
            throw StackError("order not accepted: \(answer.status) \(answer.json)")
        }
        return id
    }

    /// Waits until an order has reached its end, and gives it.
    package func settled(_ id: String, path: String = "/orders") async throws -> Answer {
        var last: Answer?
        try await eventually("order \(id) is settled") {
            last = try await call(.GET, "\(path)/\(id)")
            return last?["status"].map { $0 != "PENDING" } ?? false
        }
        guard let last else { throw StackError("order \(id) was never read") }
        return last
    }
}

/// Clients that live as long as the test process, one for each authority.
private enum Clients {
    private static let made = Mutex<[String: HTTPClient]>([:])

    static func trusting(_ authority: String) -> HTTPClient {
        made.withLock { made in
            if let known = made[authority] { return known }
            var tls = TLSConfiguration.makeClientConfiguration()
            tls.trustRoots = .file(authority)
            let client = HTTPClient(
                eventLoopGroup: HTTPClient.defaultEventLoopGroup,
                configuration: HTTPClient.Configuration(tlsConfiguration: tls))
            made[authority] = client
            return client
        }
    }
}
