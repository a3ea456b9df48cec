/// Where everything is: what `kassa-stack env` exports and a test needs to know. Holds passwords.
package struct StackAddresses: Sendable, Equatable, Codable {
    package var ordersDatabase = ""
    package var paymentsDatabase = ""
    package var broker = ""
    /// The administrator of the private cluster; `nil` when there is none.
    package var administrator: String?
    package var pgpass: String?
    /// Base URLs of the daemons, and the gRPC address as host:port; `nil` where only the servers
    /// run.
    package var gateway: String?
    package var orders: String?
    package var payments: String?
    package var ordersRPC: String?
    /// The broker as each service sees it, with a user of its own.
    package var ordersBroker: String?
    package var paymentsBroker: String?
    /// Where the stack speaks TLS and asks for tokens: who vouches for it, and a token that may do
    /// everything.
    package var authority: String?
    package var tokenFile: String?

    /// As shell exports, in a fixed order.
    package var exports: [(name: String, value: String)] {
        let all: [(String, String?)] = [
            ("GATEWAY_URL", gateway),
            ("GATEWAY_CA_FILE", authority),
            ("GATEWAY_TOKEN_FILE", tokenFile),
            ("ORDER_SERVICE_URL", orders),
            ("PAYMENT_SERVICE_URL", payments),
            ("ORDER_SERVICE_GRPC", ordersRPC),
            ("ORDERS_DATABASE_URL", ordersDatabase),
            ("PAYMENTS_DATABASE_URL", paymentsDatabase),
            ("BROKER_URL", broker),
            ("PGPASSFILE", pgpass),
        ]
        return all.compactMap { name, value in value.map { (name: name, value: $0) } }
    }
}

/// Which servers the stack uses: its own, or those that the caller's environment names.
package struct ServerChoice: Sendable, Equatable {
    package static let variables = ["ORDERS_DATABASE_URL", "PAYMENTS_DATABASE_URL", "BROKER_URL"]

    package let ordersDatabase: String?
    package let paymentsDatabase: String?
    package let broker: String?

    /// Reads the three variables; an empty one counts as absent.
    ///
    /// - Parameter ownPasswords: those of the stack's own servers. A URL with one of them came out
    ///   of `kassa-stack env` into the caller's shell, and asks for nothing else than those
    ///   servers.
    package init(environment: [String: String], ownPasswords: [String] = []) {
        func given(_ name: String) -> String? {
            environment[name].flatMap { url in
                url.isEmpty || ownPasswords.contains { url.contains(":\($0)@") } ? nil : url
            }
        }
        ordersDatabase = given("ORDERS_DATABASE_URL")
        paymentsDatabase = given("PAYMENTS_DATABASE_URL")
        broker = given("BROKER_URL")
    }

    package var needsPostgres: Bool { ordersDatabase == nil || paymentsDatabase == nil }
    package var needsBroker: Bool { broker == nil }

    /// A line for each server that is not the stack's own, without its password.
    package var notes: [String] {
        [
            ordersDatabase.map { "orders uses \($0.withoutPassword) (ORDERS_DATABASE_URL)" },
            paymentsDatabase.map { "payments uses \($0.withoutPassword) (PAYMENTS_DATABASE_URL)" },
            broker.map { "the daemons use \($0.withoutPassword) (BROKER_URL)" },
        ].compactMap { $0 }
    }
}
