import Glibc
import JSON
import LocalStack
import NIOHTTP1
import TestShop
import TestSupport

/// A request under a key, and how often its work is found in the books.
struct KeyedCall: Sendable {
    /// In words, for the table.
    let name: String
    let path: String
    /// The service that does the work.
    let service: Shop.Daemon
    /// Whether the service's transaction is open over several statements.
    let hasTransaction: Bool

    static let deposit = KeyedCall(
        name: "deposit", path: "/accounts/%/deposit", service: .payments, hasTransaction: true)
    static let order = KeyedCall(
        name: "order", path: "/orders", service: .orders, hasTransaction: false)
    static let orderByRPC = KeyedCall(
        name: "order by gRPC", path: "/grpc/orders", service: .orders, hasTransaction: false)

    /// Sends it once; `key` nil leaves it without one.
    func send(_ user: String, key: String?, to shop: Shop) async throws -> Answer {
        try await shop.call(
            .POST, path.replacing("%", with: user),
            ["user_id": .string(user), "amount": .number("1.25"), "description": "under fire"],
            headers: key.map { ["Idempotency-Key": $0] } ?? [:])
    }

    /// Sends it until it is answered well, as a patient caller does. Gives the answer and how often
    /// it was sent.
    func sendUntilAnswered(
        _ user: String, key: String?, to shop: Shop
    ) async throws -> (answer: Answer, tries: Int) {
        var tries = 0
        var last: Answer?
        try await eventually(within: .seconds(120), "\(name) for \(user) is answered") {
            tries += 1
            let answer = try await send(user, key: key, to: shop)
            last = answer
            return (200..<300).contains(answer.status)
        }
        guard let last else { throw StackError("never answered") }
        return (last, tries)
    }

    /// How often the work was done for this user.
    func effects(for user: String, in shop: Shop) async throws -> Int {
        let rows =
            switch service {
            case .payments:
                try await shop.paymentsRows(
                    """
                    SELECT count(*) FROM transfers JOIN accounts
                        ON credit_account = account_number WHERE user_id = '\(user)'
                    """)
            default:
                try await shop.ordersRows(
                    "SELECT count(*) FROM orders WHERE user_id = '\(user)'")
            }
        return rows.first.flatMap { Int($0) } ?? -1
    }
}

/// A way in which a part dies in the middle of a request.
struct Death: Sendable {
    /// Who dies.
    let victim: String
    /// When, in words.
    let step: String
    /// Arms the parts before the request is sent.
    let arm: @Sendable (Shop) async throws -> Void
    /// Sees to the death once the request is under way, and has the dead started again.
    let strike: @Sendable (Shop) async throws -> Void
}

extension Death {
    /// Every step at which a part can die under this call.
    static func all(of call: KeyedCall) -> [Death] {
        let (gateway, service) = (Shop.Daemon.gateway, call.service)
        return [
            at("gateway.before-forward", gateway, "before it forwards"),
            beside(service, at: "door.before-work", "while the service begins"),
            beside(service, at: "door.after-commit", "while the service has committed"),
            at("gateway.after-forward", gateway, "with the answer in hand"),
            at("door.before-work", service, "before it begins"),
            call.hasTransaction
                ? at("door.before-commit", service, "before COMMIT")
                : inStatement(service, "while its statement runs"),
            at("door.after-commit", service, "after the commit, before it answers"),
            both(service, at: "door.after-commit", "both, after the commit"),
        ]
    }

    /// The daemon kills itself at a failpoint.
    private static func at(_ point: String, _ daemon: Shop.Daemon, _ step: String) -> Death {
        Death(victim: daemon.rawValue, step: step) { shop in
            try await shop.crash(daemon, failpoint: point)
            try await shop.untilReady(daemon)
        } strike: { shop in
            try await untilDead(daemon, of: shop)
            try await shop.launch(daemon)
        }
    }

    /// The gateway dies while the service stands still at a failpoint, and then goes on.
    private static func beside(
        _ service: Shop.Daemon, at point: String, _ step: String
    ) -> Death {
        Death(victim: Shop.Daemon.gateway.rawValue, step: step) { shop in
            try await shop.crash(service, failpoint: "\(point):stop")
            try await shop.untilReady(service)
        } strike: { shop in
            let process = try shop.process(service)
            try await eventually("\(service.rawValue) stands still") { process.isFrozen }
            try await shop.crash(.gateway)
            process.send(SIGCONT)
        }
    }

    /// The service kills itself at a failpoint, and the gateway is killed with it.
    private static func both(_ service: Shop.Daemon, at point: String, _ step: String) -> Death {
        Death(victim: "both", step: step) { shop in
            try await shop.crash(service, failpoint: "\(point):stop")
            try await shop.untilReady(service)
        } strike: { shop in
            let process = try shop.process(service)
            try await eventually("\(service.rawValue) stands still") { process.isFrozen }
            try await shop.crash(.gateway)
            try await shop.crash(service)
        }
    }

    /// The service is killed while the database carries out its one statement, which commits all
    /// the same.
    private static func inStatement(_ service: Shop.Daemon, _ step: String) -> Death {
        // The database itself waits, not the test: the lock has to outlive the service's death.
        let lock = "BEGIN; LOCK TABLE outbox IN EXCLUSIVE MODE; SELECT pg_sleep(1.2); COMMIT"
        return Death(victim: service.rawValue, step: step) { shop in
            // So that it is prepared already: the lock is to meet it at work.
            _ = try await KeyedCall.order.sendUntilAnswered("warm", key: "warm", to: shop)
            // Nobody reads the rows: they are of the wait alone.
            Task { try await shop.ordersRows(lock) }
            try await eventually("the table is locked") {
                try await shop.ordersRows(isLocked) != ["0"]
            }
        } strike: { shop in
            try await eventually("the statement waits") {
                try await shop.ordersRows(isWaiting) != ["0"]
            }
            try await shop.crash(service)
        }
    }

    private static let isLocked = """
        SELECT count(*) FROM pg_locks WHERE granted AND relation = 'outbox'::regclass
            AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
            AND mode = 'ExclusiveLock'
        """
    private static let isWaiting = """
        SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
            AND wait_event_type = 'Lock' AND query LIKE '%INSERT INTO orders%'
        """

    private static func untilDead(_ daemon: Shop.Daemon, of shop: Shop) async throws {
        let process = try shop.process(daemon)
        try await eventually("\(daemon.rawValue) has died at its failpoint") {
            !process.isRunning
        }
    }
}
