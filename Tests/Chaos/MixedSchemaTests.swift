import Foundation
import JSON
import NIOHTTP1
import Synchronization
import TestShop
import TestSupport
import Testing

/// Programs of the previous schema beside those of this one, on the same databases and queues,
/// forwards and back, while orders come.
@Suite(
    .enabled(
        if: Previous.programs != nil,
        """
        run Tests/previous-programs, or let KASSA_PREVIOUS_PROGRAMS name the folder of the \
        previous version's programs
        """),
    .timeLimit(.minutes(5)))
struct MixedSchemaTests {
    @Test func `the previous version serves beside this one, and after it`() async throws {
        let previous = try #require(Previous.programs)
        let before = try await Shop.open(programs: previous)
        let oldest = try await schema(of: before)
        try await before.openAccount("alice", balance: "1000000.00")
        let buyers = Buyers()
        try await buyers.bring(100, to: [before])

        // Forwards: the newer programs migrate while the older ones serve, and share the work.
        async let opening = before.openBeside()
        try await buyers.bring(200, to: [before])
        let after = try await opening
        let newest = try await schema(of: after)
        #expect(zip(oldest, newest).allSatisfy { $0 <= $1 })
        print("schemas of Orders and Payments: \(oldest), then \(newest)")
        try await buyers.bring(300, to: [before, after])
        for shop in [before, after] {
            #expect(try await handled(.orders, of: shop) > 0)
            #expect(try await handled(.payments, of: shop) > 0)
        }

        // And one version back: the older ones alone, also where they start on this schema.
        async let closing = after.close()
        try await buyers.bring(200, to: [before])
        _ = await closing
        for daemon in [Shop.Daemon.orders, .payments] {
            try await before.crash(daemon)
            try await before.untilReady(daemon)
        }
        try await buyers.bring(100, to: [before])
        let books = try await Books.closed(of: before, accepted: buyers.accepted)
        print("\(buyers.accepted.count) accepted, \(buyers.refused) refused: \(books)")
        #expect(books == Books())
        #expect(buyers.refused == 0)
        await before.close()
    }

    /// The newest migrations of both databases.
    private func schema(of shop: Shop) async throws -> [Int] {
        let newest = "SELECT max(version) FROM schema_migrations"
        return try await (shop.ordersRows(newest) + shop.paymentsRows(newest)).compactMap {
            Int($0)
        }
    }

    /// How many messages a daemon took from its queues.
    private func handled(_ daemon: Shop.Daemon, of shop: Shop) async throws -> Double {
        try await shop.metric("kassa_inbox_handled_total", of: daemon)
    }
}

private enum Previous {
    /// Where the previous version's programs are; nil where nobody built them.
    static let programs: String? = {
        let built = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../.build/previous/debug").path(percentEncoded: false)
        let folder = ProcessInfo.processInfo.environment["KASSA_PREVIOUS_PROGRAMS"] ?? built
        let program = "\(folder)/kassa-payments"
        return FileManager.default.isExecutableFile(atPath: program) ? folder : nil
    }()
}

/// Buyers who order one after the other, and remember what was accepted.
private final class Buyers: Sendable {
    private static let count = 8
    private let ids = Mutex<(accepted: [String], refused: Int)>(([], 0))

    var accepted: [String] { ids.withLock { $0.accepted } }
    var refused: Int { ids.withLock { $0.refused } }

    /// Brings so many orders, to the shops in turn; returns when all are answered.
    func bring(_ orders: Int, to shops: [Shop]) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for buyer in 0..<Self.count {
                group.addTask {
                    for turn in stride(from: buyer, to: orders, by: Self.count) {
                        let shop = shops[turn % shops.count]
                        let answer = try await shop.call(
                            .POST, "/orders",
                            ["user_id": "alice", "amount": .number("1.25"), "description": ""])
                        self.ids.withLock { ids in
                            if answer.status == 201, let id = answer["order_id"] {
                                ids.accepted.append(id)
                            } else {
                                ids.refused += 1
                            }
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
    }
}
