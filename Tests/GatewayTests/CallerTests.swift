import Access
import Foundation
import GatewayInfrastructure
import ServiceHost
import Testing

/// Who calls, as the services behind the gateway hear it.
@Suite(.timeLimit(.minutes(1))) struct CallerTests {
    private static func access() throws -> AccessGuard {
        AccessGuard(
            tokens: try TokenSet(
                parsing: """
                    otto operator \(TokenDigest(of: "do").hexadecimal)
                    other service \(TokenDigest(of: "pass").hexadecimal)
                    """))
    }

    private func withCredential(
        _ token: String, _ body: (ServiceCredential) async throws -> Void
    ) async throws {
        let path = FileManager.default.temporaryDirectory
            .appending(path: "kassa-token-\(UUID().uuidString)").path(percentEncoded: false)
        defer { try? FileManager.default.removeItem(atPath: path) }
        try token.write(toFile: path, atomically: true, encoding: .utf8)
        try await body(try ServiceCredential(tokenFile: path))
    }

    @Test(arguments: [
        (["Authorization: Bearer do"], "otto", "operator"),
        (
            ["Authorization: Bearer do", "Kassa-Caller: eve", "Kassa-Caller-Role: service"], "otto",
            "operator"
        ),
        (
            ["Authorization: Bearer pass", "Kassa-Caller: vera", "Kassa-Caller-Role: viewer"],
            "vera", "viewer"
        ),
    ])
    func `the gateway shows its own token, and says for whom it speaks`(
        headers: [String], name: String, role: String
    ) async throws {
        let access = try Self.access()
        try await withCredential("kassa_gateway\n") { credential in
            try await ScriptedPeer.open(ScriptedPeer.answering(ScriptedPeer.response())) { orders in
                try await Gateway.open(
                    orders: orders.port, access: access, credential: credential
                ) { gateway in
                    let answer = try await gateway.call("GET", "/orders", headers: headers)
                    #expect(answer.status == 200)
                }
                let lines = try #require(orders.requests.first).split(separator: "\r\n")
                    .map { $0.lowercased() }
                let told = lines.filter {
                    $0.hasPrefix("authorization:") || $0.hasPrefix("kassa-caller")
                }
                #expect(
                    told.sorted() == [
                        "authorization: bearer kassa_gateway", "kassa-caller-role: \(role)",
                        "kassa-caller: \(name)",
                    ])
            }
        }
    }

    @Test func `a caller's own token never reaches a service`() async throws {
        try await ScriptedPeer.open(ScriptedPeer.answering(ScriptedPeer.response())) { orders in
            try await Gateway.open(orders: orders.port) { gateway in
                _ = try await gateway.call(
                    "GET", "/orders",
                    headers: [
                        "Authorization: Bearer s3cret", "Kassa-Caller: x",
                        "Kassa-Caller-Role: service",
                    ])
            }
            let request = try #require(orders.requests.first).lowercased()
            #expect(!request.contains("s3cret"))
            #expect(!request.contains("kassa-caller"))
        }
    }

    @Test(arguments: ["/orders", "/accounts/x/balance"])
    func `nobody reaches a service without being known`(path: String) async throws {
        let access = try Self.access()
        try await ScriptedPeer.open(ScriptedPeer.answering(ScriptedPeer.response())) { peer in
            try await Gateway.open(
                orders: peer.port, payments: peer.port, access: access
            ) { gateway in
                let answer = try await gateway.call("GET", path)
                #expect(answer.status == 401)
            }
            #expect(peer.requests.isEmpty)
        }
    }

    @Test(arguments: [401, 403])
    func `that a service refuses the gateway is no fault of the caller's`(
        status: Int
    ) async throws {
        let refusal = ScriptedPeer.response("\(status) No", "{}", "WWW-Authenticate: Bearer")
        try await ScriptedPeer.open(ScriptedPeer.answering(refusal)) { orders in
            try await Gateway.open(orders: orders.port) { gateway in
                let answer = try await gateway.call("GET", "/orders")
                #expect(answer.status == 502)
                #expect(answer.body == #"{"detail":"Orders service does not accept this gateway"}"#)
                #expect(answer.field("WWW-Authenticate") == nil)
            }
        }
    }

    @Test(arguments: ["", "two words", "\u{7}"])
    func `a token file without a token ends the start`(text: String) async throws {
        await #expect(throws: ConfigurationFault.self) {
            try await withCredential(text) { _ in }
        }
    }
}
