import JSON
import PaymentsApplication
import PaymentsPresentation
import SharedKernel
import TestDoor
import TestDoubles
import Testing

/// The HTTP door of Payments under `Idempotency-Key`.
struct IdempotentAccountTests {
    private let accounts = InMemoryAccountRepository(balanceLimit: Money(minorUnits: 10_000))
    private let door: Door

    init() {
        let accounts = accounts
        door = Door { router in
            AccountRoutes(
                openAccount: OpenAccount(accounts: accounts), deposit: Deposit(accounts: accounts),
                viewAccounts: ViewAccounts(accounts: accounts)
            ).add(to: router)
        }
    }

    private func post(
        _ target: String, _ body: String? = nil, key: String? = "k-1"
    ) async throws -> Door.Answer {
        try await door.post(target, body, headers: key.map { ["Idempotency-Key": $0] } ?? [:])
    }

    private func balance() async throws -> String? {
        try await door.get("/accounts/ada/balance").member("balance")
    }

    @Test func `a deposit is made once, and the first answer comes again`() async throws {
        _ = try await post("/accounts?user_id=ada", key: nil)
        let first = try await post("/accounts/ada/deposit", #"{"amount":2.5}"#)
        #expect(first.status == 200)
        #expect(first.header("Idempotent-Replayed") == nil)
        _ = try await post("/accounts/ada/deposit", #"{"amount":1}"#, key: nil)
        for body in [#"{"amount":2.5}"#, #"{ "amount": "2.50" }"#] {
            let again = try await post("/accounts/ada/deposit/", body)
            #expect(again.status == 200)
            #expect(again.text == first.text)
            #expect(again.header("Idempotent-Replayed") == "true")
        }
        #expect(try await balance() == "3.50")
    }

    @Test func `an account is opened once, by query or body alike`() async throws {
        let first = try await post("/accounts?user_id=ada")
        let again = try await post("/accounts", #"{"user_id":"ada"}"#)
        #expect(first.status == 201 && again.status == 201)
        #expect(again.text == first.text)
        #expect(again.header("Location") == "/accounts/ada/balance")
        #expect(again.header("Idempotent-Replayed") == "true")
        let other = try await post("/accounts?user_id=ada", key: "k-2")
        #expect(other.status == 409)
        #expect(other.header("Retry-After") == nil)
        let repeated = try await post("/accounts?user_id=ada", key: "k-2")
        #expect(repeated.status == 409 && repeated.text == other.text)
        #expect(repeated.header("Idempotent-Replayed") == "true")
    }

    @Test func `a 404 is kept, though the account may exist by now`() async throws {
        let first = try await post("/accounts/ada/deposit", #"{"amount":1}"#)
        #expect(first.status == 404)
        _ = try await post("/accounts?user_id=ada", key: nil)
        let again = try await post("/accounts/ada/deposit", #"{"amount":1}"#)
        #expect(again.status == 404 && again.text == first.text)
        #expect(again.header("Idempotent-Replayed") == "true")
        #expect(try await balance() == "0.00")
    }

    @Test func `a used key refuses any other request`() async throws {
        _ = try await post("/accounts?user_id=ada")
        for (target, body) in [
            ("/accounts?user_id=bob", nil), ("/accounts/ada/deposit", #"{"amount":1}"#),
        ] {
            let answer = try await post(target, body)
            #expect(answer.status == 422)
            #expect(answer.wrongs == ["idempotency_key_reused"])
        }
        #expect(try await balance() == "0.00")
    }

    @Test func `a deposit beyond what the account can hold leaves its key free`() async throws {
        _ = try await post("/accounts?user_id=ada", key: nil)
        #expect(try await post("/accounts/ada/deposit", #"{"amount":101}"#).status == 422)
        #expect(try await post("/accounts/ada/deposit", #"{"amount":1}"#).status == 200)
        #expect(try await balance() == "1.00")
    }

    @Test func `what is no key is refused, and nothing is done`() async throws {
        #expect(try await post("/accounts?user_id=ada", key: "no key").status == 422)
        #expect(try await door.get("/accounts/ada/balance").status == 404)
    }
}
