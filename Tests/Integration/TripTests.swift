import JSON
import NIOHTTP1
import TestShop
import TestSupport
import Testing

/// An order's whole trip: gateway, Orders, broker, Payments, broker, Orders; real processes, real
/// servers.
@Suite struct TripTests {
    @Test(arguments: ["/orders", "/grpc/orders"])
    func `the first example of the README works`(path: String) async throws {
        let shop = try await Shop.open()
        let opened = try await shop.call(.POST, "/accounts?user_id=alice")
        #expect(opened.status == 201 && opened["balance"] == "0.00")
        let filled = try await shop.call(
            .POST, "/accounts/alice/deposit", ["amount": .number("100.50")])
        #expect(filled.status == 200 && filled["balance"] == "100.50")

        let placed = try await shop.call(
            .POST, path,
            ["user_id": "alice", "amount": .number("42.50"), "description": "A book"])
        #expect(placed.status == 201 && placed["status"] == "PENDING")
        #expect(placed["amount"] == "42.50" && placed["description"] == "A book")
        let id = try #require(placed["order_id"])
        #expect(placed.headers["location"] == "\(path)/\(id)")
        let paid = try await shop.settled(id, path: path)
        #expect(paid["status"] == "PAID" && paid["failure_reason"] == nil)
        let balance = try await shop.call(.GET, "/accounts/alice/balance")
        #expect(balance["balance"] == "58.00")

        let dear = try await shop.settled(shop.place("alice", "1000", path: path), path: path)
        #expect(dear["status"] == "FAILED" && dear["failure_reason"] == "insufficient_funds")
        let stranger = try await shop.settled(shop.place("bob", "1", path: path), path: path)
        #expect(stranger["status"] == "FAILED" && stranger["failure_reason"] == "account_not_found")
        await shop.close()
    }

    @Test func `an order tells its history, and lists lead on by Link`() async throws {
        let shop = try await Shop.open()
        try await shop.openAccount("alice", balance: "10")
        var ids: [String] = []
        for _ in 0..<5 { ids.append(try await shop.place("alice", "1.25")) }
        let last = try await shop.settled(#require(ids.last))
        let history = try #require(last.json["history"]?.array)
        #expect(history.compactMap { $0["status"]?.string } == ["PENDING", "PAID"])

        var listed: [String] = []
        var next: String? = "/orders?limit=2&user_id=alice"
        while let path = next {
            let page = try await shop.call(.GET, path)
            listed += page.json.array?.compactMap { $0["order_id"]?.string } ?? []
            next = page.headers["link"].map { String($0.dropFirst().prefix { $0 != ">" }) }
        }
        #expect(listed == ids.reversed())
        let transfers = try await shop.call(.GET, "/accounts/alice/transfers")
        #expect(transfers.json.array?.count == 6)
        await shop.close()
    }

    /// With a poll interval of ten minutes, whatever settles was woken by its commit.
    @Test func `at rest an order settles by wake-up, not by polling`() async throws {
        let shop = try await Shop.open(pollInterval: .seconds(600))
        try await shop.openAccount("alice", balance: "1000")
        for _ in 0..<200 { _ = try await shop.settled(shop.place("alice", "0.01")) }
        let rows = try await shop.ordersRows(
            """
            SELECT (extract(epoch FROM changed_at - created_at) * 1000)::numeric(12, 1)
            FROM orders JOIN order_history USING (order_id) ORDER BY 1
            """)
        let milliseconds = rows.compactMap(Double.init)
        #expect(milliseconds.count == 200)
        let shares = [0.0, 0.5, 0.9, 0.99, 1].map { share in
            milliseconds[Int(share * Double(milliseconds.count - 1))]
        }
        print(
            "PENDING → PAID at rest, 200 single orders, ms: min \(shares[0]) p50 \(shares[1])",
            "p90 \(shares[2]) p99 \(shares[3]) max \(shares[4])")
        await shop.close()
    }

    @Test func `twenty concurrent deposits of one add twenty, and an account opens once`()
        async throws
    {
        let shop = try await Shop.open()
        try await shop.openAccount("alice", balance: "5")
        let again = try await shop.call(.POST, "/payments/accounts/", ["user_id": "alice"])
        #expect(again.status == 409)
        try await withThrowingTaskGroup { group in
            for _ in 0..<20 {
                group.addTask {
                    let answer = try await shop.call(
                        .POST, "/payments/accounts/alice/deposit/", ["amount": .number("1")])
                    #expect(answer.status == 200)
                }
            }
            try await group.waitForAll()
        }
        let balance = try await shop.call(.GET, "/payments/accounts/alice/balance")
        #expect(balance["balance"] == "25.00")
        await shop.close()
    }

    @Test(arguments: ["/orders", "/grpc/orders"])
    func `amounts are exact or refused`(path: String) async throws {
        let shop = try await Shop.open()
        for amount in ["0.01", "9999999999.99"] {
            let id = try await shop.place("alice", amount, path: path)
            #expect(try await shop.call(.GET, "\(path)/\(id)")["amount"] == amount)
        }
        for amount in ["0", "-1", "1.001", "1e400", "NaN", "\"abc\"", "true", "null"] {
            let answer = try await shop.call(
                .POST, path, text: #"{"user_id":"alice","amount":\#(amount)}"#)
            #expect(answer.status == 422, "\(amount)")
            #expect(answer.json["detail"]?.array?.first?["msg"]?.string != nil, "\(amount)")
        }
        let count = try await shop.ordersRows("SELECT count(*) FROM orders")
        #expect(count == ["2"])
        await shop.close()
    }
}
