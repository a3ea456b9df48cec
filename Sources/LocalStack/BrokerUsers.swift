import Crypto
import Foundation

/// The broker's users: one for people, and one for each service, which may do nothing but what it
/// must.
///
/// Whoever may publish at all may publish to every queue by way of the default exchange, so a
/// consumer believes a message for its publisher, which the broker does not let anybody forge.
package struct BrokerUsers: Sendable, Equatable {
    /// For people and their tools.
    static let administrator = "kassa"
    /// Of the service Orders.
    package static let orders = "orders"
    /// Of the service Payments.
    package static let payments = "payments"

    /// By user.
    let passwords: [String: String]
    /// The queues that each service declares and reads.
    let queues: [String: [String]]

    /// - Parameters:
    ///   - passwords: by user.
    ///   - environment: names queues by other names than the contract's, where it does.
    init(passwords: [String: String], environment: [String: String] = [:]) {
        func queue(_ variable: String, _ name: String) -> String {
            environment[variable].flatMap { $0.isEmpty ? nil : $0 } ?? name
        }
        self.passwords = passwords
        queues = [
            Self.orders: [
                queue("PAYMENT_SUCCESS_QUEUE", "payment_success"),
                queue("PAYMENT_FAILED_QUEUE", "payment_failed"),
            ],
            Self.payments: [queue("ORDER_CREATED_QUEUE", "order_created")],
        ]
    }

    /// What the broker imports at each start.
    var definitions: String {
        let services = [Self.orders, Self.payments]
        let users = ([Self.administrator] + services).map { user in
            """
            {"name": "\(user)", "password_hash": "\(Self.hash(passwords[user] ?? ""))", \
            "hashing_algorithm": "rabbit_password_hashing_sha256", \
            "tags": "\(user == Self.administrator ? "administrator" : "")"}
            """
        }
        let all =
            #"{"user": "\#(Self.administrator)", "vhost": "/", "#
            + #""configure": ".*", "write": ".*", "read": ".*"}"#
        let permissions = services.map { user in
            let queues = (queues[user] ?? []).map(Self.escaped).joined(separator: "|")
            let own = #"^(\#(queues))(\\.bundles)?$"#
            return """
                {"user": "\(user)", "vhost": "/", "configure": "\(own)", \
                "write": "^amq\\\\.default$", "read": "\(own)"}
                """
        }
        return """
            {"vhosts": [{"name": "/"}],
             "users": [\(users.joined(separator: ",\n  "))],
             "permissions": [\(([all] + permissions).joined(separator: ",\n  "))]}

            """
    }

    /// RabbitMQ's way to keep a password: base64 of a salt of 4 bytes and the SHA-256 of both.
    static func hash(_ password: String, salt: [UInt8]? = nil) -> String {
        var generator = SystemRandomNumberGenerator()
        let salt =
            salt ?? (0..<4).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        var hash = SHA256()
        (salt + password.utf8).withUnsafeBytes { hash.update(bufferPointer: $0) }
        return Data(salt + hash.finalize()).base64EncodedString()
    }

    /// A queue's name as a regular expression in JSON that matches nothing else.
    private static func escaped(_ name: String) -> String {
        name.map { character in
            character.isLetter || character.isNumber || character == "_" || character == "-"
                ? "\(character)" : "\\\\\(character)"
        }.joined()
    }
}
