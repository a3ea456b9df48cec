import JSON
import PaymentsApplication
import PaymentsDomain
import PaymentsPresentation
import SharedKernel
import TestDoor
import TestDoubles
import Testing

struct AccountRoutesTests {
    private let accounts = InMemoryAccountRepository()
    private let door: Door

    init() { door = Self.door(accounts) }

    private static func door(_ accounts: InMemoryAccountRepository) -> Door {
        Door { router in
            AccountRoutes(
                openAccount: OpenAccount(accounts: accounts), deposit: Deposit(accounts: accounts),
                viewAccounts: ViewAccounts(accounts: accounts)
            ).add(to: router)
        }
    }

    private func open(_ user: String) async throws {
        let answer = try await door.post("/accounts", #"{"user_id":"\#(user)"}"#)
        try #require(answer.status == 201)
    }

    // MARK: Opening

    @Test(
        arguments: [
            ("/accounts?user_id=ada", nil), ("/accounts/?user_id=ada", nil),
            ("/accounts", #"{"user_id":"ada"}"#), ("/accounts/", #"{"user_id":"ada","x":1}"#),
            ("/accounts?user_id=eve&user_id=ada", nil),
        ] as [(String, String?)])
    func `an account opens by query or body: 201, empty`(
        target: String, body: String?
    ) async throws {
        let answer = try await door.post(target, body)
        #expect(answer.status == 201)
        #expect(answer.json == ["user_id": "ada", "balance": .number("0.00")])
        #expect(answer.header("Location") == "/accounts/ada/balance")
    }

    @Test func `a second opening is 409 and keeps the balance`() async throws {
        try await open("ada")
        _ = try await door.post("/accounts/ada/deposit", #"{"amount":100.50}"#)
        for target in ["/accounts?user_id=ada", "/accounts/?user_id=ada"] {
            let answer = try await door.post(target)
            #expect(answer.status == 409)
            #expect(answer.json == ["detail": "Account 'ada' already exists"])
        }
        #expect(try await door.get("/accounts/ada/balance").member("balance") == "100.50")
    }

    @Test(
        arguments: [
            ("/accounts", nil, "missing"), ("/accounts", "{}", "missing"),
            ("/accounts?user_id=", nil, "string_too_short"),
            ("/accounts?user_id=a%00b", nil, "value_error"),
            ("/accounts?user_id=ada", "true", "model_attributes_type"),
            ("/accounts?user_id=ada", "{", "json_invalid"),
            ("/accounts?user_id=%E2%80%AE", nil, "value_error"),
            ("/accounts?user_id=%FF", nil, "string_unicode"),
            ("/accounts", #"{"user_id":1}"#, "string_type"), ("/accounts", "{", "json_invalid"),
        ] as [(String, String?, String)])
    func `a name that cannot be is 422`(
        target: String, body: String?, type: String
    ) async throws {
        let answer = try await door.post(target, body)
        #expect(answer.status == 422)
        #expect(answer.wrongs.contains(type))
        #expect(try await door.get("/accounts").text == "[]")
    }

    @Test(arguments: nastyTexts)
    func `any name that may be is found again by its path`(user: String) async throws {
        let body: JSONValue = ["user_id": .string(user)]
        let opened = try await door.post("/accounts", body.text)
        #expect(opened.status == 201)
        let path = try #require(opened.header("Location"))
        let balance = try await door.get(path)
        #expect(balance.status == 200)
        #expect(balance.member("user_id").map { Array($0.utf8) } == Array(user.utf8))
    }

    @Test func `the summary counts accounts and movements`() async throws {
        try await open("ada")
        _ = try await door.post("/accounts/ada/deposit", #"{"amount":1.10}"#)
        _ = try await ChargeOrders(accounts: accounts)([
            ChargeRequest(
                messageID: nil, order: try orderCreated(1, by: "ada", "0.30"), correlation: .none)
        ])
        let answer = try await door.get("/accounts/summary")
        #expect(answer.status == 200)
        #expect(
            answer.text
                == #"{"accounts":1,"balance":0.80,"deposits":1,"deposited":1.10,"#
                + #""charges":1,"charged":0.30}"#)
    }

    // MARK: Depositing

    @Test(arguments: [
        ("0.01", "0.01"), ("9999999999.99", "9999999999.99"), ("100.5", "100.50"),
        (#""42.50""#, "42.50"), ("1e2", "100.00"),
    ])
    func `a deposit is exact`(amount: String, balance: String) async throws {
        try await open("ada")
        for path in ["/accounts/ada/deposit", "/accounts/ada/deposit/"] {
            let answer = try await door.post(path, #"{"amount":\#(amount)}"#)
            #expect(answer.status == 200)
            if path.hasSuffix("/") { continue }
            #expect(answer.json == ["user_id": "ada", "balance": .number(balance)])
        }
        let twice = try Amount(decimal: balance).money.minorUnits * 2
        let stored = try await accounts.find(try UserID("ada"))?.balance.minorUnits
        #expect(stored == twice)
    }

    @Test(arguments: [
        ("0", "greater_than"), ("-1", "greater_than"), ("1.001", "decimal_max_places"),
        ("1e400", "less_than_equal"), ("NaN", "json_invalid"), (#""NaN""#, "decimal_parsing"),
        (#""abc""#, "decimal_parsing"), ("true", "decimal_type"), ("null", "decimal_type"),
    ])
    func `a bad amount is 422 and brings nothing`(amount: String, type: String) async throws {
        try await open("ada")
        let answer = try await door.post("/accounts/ada/deposit", #"{"amount":\#(amount)}"#)
        #expect(answer.status == 422)
        #expect(answer.wrongs == [type])
        #expect(try await door.get("/accounts/ada/balance").member("balance") == "0.00")
    }

    @Test func `a deposit without an amount is 422`() async throws {
        try await open("ada")
        for body in ["{}", "", "[]", "{"] {
            #expect(try await door.post("/accounts/ada/deposit", body).status == 422)
        }
    }

    @Test func `a deposit to nobody is 404 in the contract's words`() async throws {
        let answer = try await door.post("/accounts/no%20body/deposit", #"{"amount":1}"#)
        #expect(answer.status == 404)
        #expect(answer.json == ["detail": "Account 'no body' not found"])
    }

    @Test func `a deposit that the account cannot hold is 422 and brings nothing`() async throws {
        let small = Self.door(
            InMemoryAccountRepository(balanceLimit: Money(minorUnits: 1_000)))
        _ = try await small.post("/accounts?user_id=ada")
        #expect(try await small.post("/accounts/ada/deposit", #"{"amount":10}"#).status == 200)
        let answer = try await small.post("/accounts/ada/deposit", #"{"amount":0.01}"#)
        #expect(answer.status == 422)
        #expect(
            answer.json["detail"]?.array?.first?["msg"]
                == "Value error, the account cannot hold that much")
        #expect(try await small.get("/accounts/ada/balance").member("balance") == "10.00")
    }

    // MARK: Looking

    @Test(arguments: ["/accounts/eve/balance", "/accounts/eve/transfers", "/accounts/%00/balance"])
    func `an account that is none is 404 in the contract's words`(path: String) async throws {
        let answer = try await door.get(path)
        #expect(answer.status == 404)
        #expect(answer.json == ["detail": "Account not found"])
    }

    @Test func `a balance is a number, with and without a trailing slash`() async throws {
        try await open("ada")
        for path in ["/accounts/ada/balance", "/accounts/ada/balance/"] {
            let answer = try await door.get(path)
            #expect(answer.status == 200)
            #expect(answer.json == ["user_id": "ada", "balance": .number("0.00")])
        }
    }

    @Test func `transfers tell both entries of each movement`() async throws {
        try await open("ada")
        _ = try await door.post("/accounts/ada/deposit", #"{"amount":10}"#)
        _ = try await ChargeOrders(accounts: accounts)([
            ChargeRequest(
                messageID: nil, order: try orderCreated(1, by: "ada", "2.50"), correlation: .none)
        ])
        let transfers = try #require(try await door.get("/accounts/ada/transfers/").json.array)
        #expect(transfers.map { $0["kind"]?.string } == ["charge", "deposit"])
        #expect(transfers.map { $0["amount"] } == [.number("2.50"), .number("10.00")])
        #expect(transfers[0]["order_id"]?.string == (try orderID(1).description))
        #expect(transfers[0]["debit_account"]?.string == "liabilities:customer:ada")
        #expect(transfers[0]["credit_account"]?.string == "revenue:sales")
        #expect(transfers[1]["debit_account"]?.string == "assets:cash")
        #expect(transfers[1]["credit_account"]?.string == "liabilities:customer:ada")
        #expect(transfers.allSatisfy { $0["transfer_id"]?.string != nil })
    }

    @Test func `paging accounts by Link meets each once, newest first`() async throws {
        let users = ["a&b", "c d", "ö", "plain", "e=f"]
        for user in users { try await open(user) }
        #expect(
            try await follow("/accounts?limit=2").map { $0["user_id"]?.string } == users.reversed())
    }

    @Test func `paging transfers by Link meets each once, newest first`() async throws {
        try await open("ada bob")
        for cents in 1...5 {
            _ = try await door.post("/accounts/ada%20bob/deposit", #"{"amount":0.0\#(cents)}"#)
        }
        let amounts = try await follow("/accounts/ada%20bob/transfers?limit=2").map { $0["amount"] }
        #expect(amounts == [5, 4, 3, 2, 1].map { .number("0.0\($0)") })
    }

    private func follow(_ first: String) async throws -> [JSONValue] {
        var met: [JSONValue] = []
        var target: String? = first
        while let next = target {
            let answer = try await door.get(next)
            try #require(answer.status == 200)
            met += answer.json.array ?? []
            target = answer.next
            try #require(met.count <= 5, "paging must end")
        }
        return met
    }

    @Test(arguments: [
        ("/accounts?limit=0", "greater_than_equal"), ("/accounts?limit=1001", "less_than_equal"),
        ("/accounts?limit=x", "int_parsing"), ("/accounts?before=%00", "value_error"),
        ("/accounts?before=", "string_too_short"),
        ("/accounts/ada/transfers?limit=0", "greater_than_equal"),
        ("/accounts/ada/transfers?before=abc", "uuid_parsing"),
        ("/accounts/ada/transfers?before=%00", "uuid_parsing"),
    ])
    func `a list that cannot be is 422`(target: String, type: String) async throws {
        try await open("ada")
        let answer = try await door.get(target)
        #expect(answer.status == 422)
        #expect(answer.wrongs == [type])
    }

    @Test func `a database that is away is 503 with Retry-After`() async throws {
        accounts.faults.fail()
        let answer = try await door.get("/accounts")
        #expect(answer.status == 503)
        #expect(answer.header("Retry-After") == "1")
    }
}
