import AMQP
import Access
import Foundation
import Glibc
import JSON
import LocalStack
import Logging
import NIOHTTP1
import Postgres
import TestShop
import TestSupport
import Testing

/// TLS on every way, tokens at every door, a broker's user for each service: the real daemons, the
/// real servers.
@Suite(.serialized) final class SecuredShopTests: Sendable {
    private static let servers = Task { try await TestStack.ownSecureStack() }

    func withShop(
        settings: [Shop.Daemon: [String: String]] = [:],
        _ body: (Shop, StackSecurity) async throws -> Void
    ) async throws {
        let stack = try await Self.servers.value
        for queue in ["order_created", "payment_success", "payment_failed"] {
            // The last shop's leftovers are nobody's business here.
            _ = try? await stack.rabbitmqctl("purge_queue", queue)
            _ = try? await stack.rabbitmqctl("purge_queue", Shop.Queues.bundles(of: queue))
        }
        let shop = try await Shop.open(on: stack, settings: settings)
        let security = try #require(shop.security)
        do {
            try await body(shop, security)
        } catch {
            await shop.close()
            throw error
        }
        await shop.close()
    }

    private struct Route: Sendable {
        let daemon: Shop.Daemon
        let method: HTTPMethod
        let path: String
        /// Nil for everybody.
        let needed: Role?

        init(_ daemon: Shop.Daemon, _ method: HTTPMethod, _ path: String, _ needed: Role?) {
            (self.daemon, self.method, self.path, self.needed) = (daemon, method, path, needed)
        }
    }

    private static let orders: [(HTTPMethod, String, Role?)] = [
        (.GET, "/orders", .viewer), (.GET, "/orders/x", .viewer), (.POST, "/orders", .operator),
        (.GET, "/orders/changes", .viewer), (.GET, "/orders/summary", .viewer),
        (.GET, "/orders/x/trace", .viewer), (.GET, "/audit/orders", .viewer),
        (.GET, "/parked/orders", .viewer), (.GET, "/parked/orders/9/rehearsal", .viewer),
        (.POST, "/parked/orders/9/replay", .operator),
        (.POST, "/parked/orders/9/discard", .operator),
    ]
    private static let accounts: [(HTTPMethod, String, Role?)] = [
        (.GET, "/accounts", .viewer), (.GET, "/accounts/summary", .viewer),
        (.GET, "/accounts/x/balance", .viewer),
        (.GET, "/accounts/x/transfers", .viewer), (.POST, "/accounts", .operator),
        (.POST, "/accounts/x/deposit", .operator), (.GET, "/audit/accounts", .viewer),
        (.GET, "/parked/payments/9", .viewer), (.POST, "/parked/payments/9/replay", .operator),
    ]
    private static let gateway: [(HTTPMethod, String, Role?)] = [
        (.GET, "/grpc/orders", .viewer), (.GET, "/grpc/orders/x", .viewer),
        (.POST, "/grpc/orders", .operator), (.POST, "/payments/accounts", .operator),
        (.POST, "/payments/accounts/x/deposit", .operator),
        (.GET, "/payments/accounts/x/balance", .viewer), (.GET, "/audit", .viewer),
    ]
    private static let common: [(HTTPMethod, String, Role?)] = [
        (.GET, "/health", nil), (.GET, "/ready", nil), (.GET, "/metrics", .viewer),
    ]

    private static var routes: [Route] {
        let tables: [(Shop.Daemon, [(HTTPMethod, String, Role?)])] = [
            (.orders, orders + common), (.payments, accounts + common),
            (.gateway, orders + accounts + gateway + common),
        ]
        return tables.flatMap { daemon, table in table.map { Route(daemon, $0.0, $0.1, $0.2) } }
    }

    @Test func `each role may do what it may at each door, and an order is paid`() async throws {
        try await withShop { shop, security in
            try await shop.openAccount("alice", balance: "100")
            let paid = try await shop.settled(shop.place("alice", "42.50"))
            #expect(paid["status"] == "PAID")
            let over = try await shop.settled(
                shop.place("alice", "90", path: "/grpc/orders"), path: "/grpc/orders")
            #expect(over["status"] == "FAILED")

            let callers: [(String, Role?)] = [
                ("Bearer kassa_wrong", nil), ("Basic YTpi", nil),
                ("Bearer \(try security.token("viewer"))", .viewer),
                ("Bearer \(try security.token("operator"))", .operator),
                ("Bearer \(try security.token("gateway"))", .service),
            ]
            for route in Self.routes {
                for (authorization, role) in callers {
                    let answer = try await shop.status(
                        route.method, route.path, authorization, at: route.daemon)
                    let place = "\(route.daemon) \(route.method) \(route.path) \(role as Any)"
                    switch (route.needed, role) {
                    case (nil, _): #expect(answer == 200, "\(place)")
                    case (_?, nil): #expect(answer == 401, "\(place)")
                    case (let needed?, let role?) where role < needed:
                        #expect(answer == 403, "\(place)")
                    default: #expect(![401, 403, 500, 502].contains(answer), "\(place) \(answer)")
                    }
                }
            }
        }
    }

    @Test func `a new tokens file counts after SIGHUP, and a broken one changes nothing`()
        async throws
    {
        try await withShop { shop, security in
            let stack = try #require(shop.security)
            let file = try #require(stack.environment(of: .gateway)["TOKENS_FILE"])
            let before = try String(contentsOfFile: file, encoding: .utf8)
            defer { try? before.write(toFile: file, atomically: true, encoding: .utf8) }
            let gateway = try shop.process(.gateway)
            let fresh = Token()
            let entry = TokenSet.Entry(
                caller: Caller(name: "fresh", role: .viewer), digest: TokenDigest(of: fresh.text))
            func status(_ token: String) async throws -> Int {
                try await shop.status(.GET, "/accounts", "Bearer \(token)", at: .gateway)
            }
            #expect(try await status(fresh.text) == 401)
            try (before + entry.line).write(toFile: file, atomically: true, encoding: .utf8)
            gateway.send(SIGHUP)
            try await eventually("the new token counts") { try await status(fresh.text) == 200 }
            try "nonsense".write(toFile: file, atomically: true, encoding: .utf8)
            gateway.send(SIGHUP)
            try await eventually("it is said") {
                gateway.log.contains("not read anew, what was there before holds")
            }
            #expect(try await status(fresh.text) == 200)
            try before.write(toFile: file, atomically: true, encoding: .utf8)
            gateway.send(SIGHUP)
            try await eventually("the token is revoked") { try await status(fresh.text) == 401 }
            #expect(try await status(try security.token("viewer")) == 200)
            #expect(gateway.isRunning)
        }
    }

    @Test func `an outcome that Orders' own broker user published is parked, and pays nothing`()
        async throws
    {
        try await withShop { shop, _ in
            try await shop.process(.payments).terminate()
            let order = try await shop.place("nobody", "5")
            let event = #"{"user_id":"nobody","order_id":"\#(order)","amount":5}"#
            let forged = AMQPMessage(
                queue: "payment_success", body: Array(event.utf8),
                messageID: UUID().uuidString, type: "payment_success")
            try await shop.publish([forged], as: "orders")
            try await eventually("it is parked") {
                try await shop.ordersRows("SELECT count(*) FROM parked_messages") == ["1"]
            }
            #expect(
                try await shop.ordersRows("SELECT sender, left(reason, 6) FROM parked_messages")
                    == ["orders|forged"])
            #expect(try await shop.call(.GET, "/orders/\(order)")["status"] == "PENDING")
            // The same words from Payments' user are believed.
            try await shop.publish([forged], as: "payments")
            #expect(try await shop.settled(order)["status"] == "PAID")
        }
    }

    @Test(arguments: [false, true])
    func `a message that names nobody is believed by the switch for older services alone`(
        isBelieved: Bool
    ) async throws {
        let settings: [Shop.Daemon: [String: String]] = [
            .orders: ["ACCEPT_UNSIGNED_MESSAGES": "\(isBelieved)"]
        ]
        try await withShop(settings: settings) { shop, _ in
            try await shop.process(.payments).terminate()
            let order = try await shop.place("nobody", "5")
            let event = #"{"user_id":"nobody","order_id":"\#(order)","amount":5}"#
            // rabbitmqctl publishes as the broker itself does: without a user.
            try await shop.stack.rabbitmqctl(
                "eval",
                """
                rabbit_basic:publish(rabbit_misc:r(<<"/">>, exchange, <<>>), \
                <<"payment_success">>, [{delivery_mode, 2}], \
                <<"\(event.replacing("\"", with: "\\\""))">>).
                """)
            if isBelieved {
                #expect(try await shop.settled(order)["status"] == "PAID")
            } else {
                try await eventually("it is parked") {
                    try await shop.ordersRows("SELECT left(reason, 8) FROM parked_messages")
                        == ["unsigned"]
                }
                #expect(try await shop.call(.GET, "/orders/\(order)")["status"] == "PENDING")
            }
        }
    }

    @Test func `a service's broker user can do nothing but its work`() async throws {
        let stack = try await Self.servers.value
        let authority = try #require(stack.security).certificates.authority
        for (user, foreign) in [("orders", "order_created"), ("payments", "payment_success")] {
            let url = try BrokerURL(stack.brokerURL(of: user), certificateAuthority: authority)
            for queue in [foreign, "something_else"] {
                let connection = try await AMQPConnection.open(
                    url, name: "test", logger: Logger(label: "test"))
                let error = await #expect(throws: AMQPError.self) {
                    try await connection.declareQueue(queue)
                }
                #expect(error?.code == .accessRefused, "\(user) \(queue)")
                await connection.close()
            }
        }
    }
}

extension Shop {
    /// Puts messages on a secured broker as one of its users.
    func publish(_ messages: [AMQPMessage], as user: String) async throws {
        let authority = try #require(security).certificates.authority
        let connection = try await AMQPConnection.open(
            BrokerURL(stack.brokerURL(of: user), certificateAuthority: authority), name: "test",
            logger: Logger(label: "test"))
        try await connection.enableConfirms()
        #expect(try await connection.publish(messages).allSatisfy { $0 == .confirmed })
        await connection.close()
    }
}
