import Foundation
@testable import LocalStack
import Testing

@Suite struct BrokerUsersTests {
    private struct Definitions: Decodable {
        struct User: Decodable {
            let name: String
            let password_hash: String
            let tags: String
        }
        struct Permission: Decodable, Equatable {
            let user: String
            let configure: String
            let write: String
            let read: String
        }
        let users: [User]
        let permissions: [Permission]
    }

    private func definitions(_ users: BrokerUsers) throws -> Definitions {
        try JSONDecoder().decode(Definitions.self, from: Data(users.definitions.utf8))
    }

    @Test func `a service's user may declare and read its own queues, and publish`() throws {
        let found = try definitions(BrokerUsers(passwords: ["orders": "a", "payments": "b"]))
        #expect(found.users.map(\.name) == ["kassa", "orders", "payments"])
        #expect(found.users.map(\.tags) == ["administrator", "", ""])
        #expect(
            found.permissions == [
                .init(user: "kassa", configure: ".*", write: ".*", read: ".*"),
                .init(
                    user: "orders",
                    configure: #"^(payment_success|payment_failed)(\.bundles)?$"#,
                    write: #"^amq\.default$"#,
                    read: #"^(payment_success|payment_failed)(\.bundles)?$"#),
                .init(
                    user: "payments", configure: #"^(order_created)(\.bundles)?$"#,
                    write: #"^amq\.default$"#, read: #"^(order_created)(\.bundles)?$"#),
            ])
    }

    @Test func `queues by other names are meant literally`() throws {
        let users = BrokerUsers(passwords: [:], environment: ["ORDER_CREATED_QUEUE": "a.b+c"])
        let found = try definitions(users).permissions.last
        #expect(found?.read == #"^(a\.b\+c)(\.bundles)?$"#)
    }

    @Test func `a password is kept as the broker keeps it`() {
        // The example of RabbitMQ's own guide on passwords.
        #expect(
            BrokerUsers.hash("test12", salt: [0x90, 0x8D, 0xC6, 0x0A])
                == "kI3GCqW5JLMJa4iX1lo7X4D6XbYqlLgxIs30+P6tENUV2POR")
    }
}
