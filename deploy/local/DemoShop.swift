import Foundation
import LocalStack

/// One thing that happens in the demo's shop.
enum Happening: Equatable {
    case newCustomer
    case deposit(cents: Int)
    case order(cents: Int)
    /// More than anybody has: ends FAILED with insufficient_funds.
    case hugeOrder
    /// By somebody without an account: ends FAILED with account_not_found.
    case strangersOrder

    /// The next one by chance: mostly orders, enough deposits to pay for most of them.
    static func next(customers: Int, using generator: inout some RandomNumberGenerator) -> Happening
    {
        guard customers > 0 else { return .newCustomer }
        switch Int.random(in: 0..<100, using: &generator) {
        case ..<6 where customers < 500: return .newCustomer
        case ..<30: return .deposit(cents: .random(in: 1_000...20_000, using: &generator))
        case ..<90: return .order(cents: .random(in: 1...6_000, using: &generator))
        case ..<96: return .hugeOrder
        default: return .strangersOrder
        }
    }
}

/// Customers who come, pay in and order, and a line for everything that happens to them.
actor DemoShop {
    private let gateway: GatewayClient
    private var customers: [String] = []
    private var open: [(id: String, since: ContinuousClock.Instant)] = []
    private var endings: [String: Int] = [:]
    private var isAway = false
    private var generator = SystemRandomNumberGenerator()

    /// Orders whose end is still watched for; older ones are given up, so that a shop whose
    /// payments are away does not grow.
    private static let mostOpen = 500

    init(_ gateway: GatewayClient) {
        self.gateway = gateway
    }

    var summary: String {
        let counts = endings.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
        return "\(customers.count) customers; \(counts.joined(separator: ", ")); \(open.count) open"
    }

    /// Makes things happen, `rate` a second, until cancelled.
    func trade(rate: Double) async {
        var delays = RestartDelays()
        while !Task.isCancelled {
            do {
                try await happen(.next(customers: customers.count, using: &generator))
                if isAway { say("the gateway is back") }
                isAway = false
                delays = RestartDelays()
                let pause = Double.random(in: 0.2...1.8, using: &generator) / rate
                try await Task.sleep(for: .seconds(pause))
            } catch let refusal as GatewayClient.Refusal where refusal.status < 500 {
                say("the gateway refuses: \(refusal.status)")
                try? await Task.sleep(for: delays.next(afterLiving: .zero, using: &generator))
            } catch {
                if Task.isCancelled { return }
                if !isAway { say("the gateway is away; trying again until it is back") }
                isAway = true
                try? await Task.sleep(for: delays.next(afterLiving: .zero, using: &generator))
            }
        }
    }

    /// Looks at the open orders again and again until cancelled, and prints how each ends.
    func watchOrders() async {
        while !Task.isCancelled {
            for (id, since) in open.prefix(20) {
                guard let order = try? await gateway.order(id) else {
                    // Not for ever at the head of the queue: it may be unknown by now (a wiped
                    // shop).
                    open.append(open.removeFirst())
                    break
                }
                guard order.status != "PENDING" else { continue }
                open.removeAll { $0.id == id }
                let ending = [order.status, order.failure_reason].compactMap { $0 }
                    .joined(separator: " ")
                endings[ending, default: 0] += 1
                let seconds = (ContinuousClock.now - since) / .seconds(1)
                say("order \(id.prefix(8)) is \(ending) after \(Self.rounded(seconds)) s")
            }
            try? await Task.sleep(for: .milliseconds(200))
        }
    }

    private func happen(_ happening: Happening) async throws {
        let customer = customers.randomElement(using: &generator) ?? "nobody"
        switch happening {
        case .newCustomer:
            let name = Self.name(using: &generator)
            try await gateway.createAccount(name)
            customers.append(name)
            say("\(name) opens an account")
        case .deposit(let cents):
            try await gateway.deposit(Self.amount(cents), to: customer)
            say("\(customer) pays in \(Self.amount(cents))")
        case .order(let cents): try await order(cents, by: customer)
        case .hugeOrder: try await order(999_999_999, by: customer)
        case .strangersOrder: try await order(2_500, by: "stranger-\(Int.random(in: 1...999))")
        }
    }

    private func order(_ cents: Int, by customer: String) async throws {
        let thing = ["coffee", "bread", "a lamp", "two chairs", "a book"].randomElement() ?? "tea"
        let order = try await gateway.placeOrder(Self.amount(cents), by: customer, thing)
        if open.count >= Self.mostOpen { open.removeFirst() }
        open.append((order.order_id, .now))
        say("\(customer) orders \(thing) for \(Self.amount(cents)): \(order.order_id.prefix(8))")
    }

    /// Cents as decimal text: 1205 is 12.05.
    static func amount(_ cents: Int) -> String {
        "\(cents / 100).\(cents % 100 < 10 ? "0" : "")\(cents % 100)"
    }

    private static func rounded(_ seconds: Double) -> Double { (seconds * 100).rounded() / 100 }

    private static func name(using generator: inout some RandomNumberGenerator) -> String {
        let names = [
            "ada", "ben", "carla", "dmitri", "eve", "farid", "grace", "hana", "ivo", "june",
        ]
        let name = names.randomElement(using: &generator) ?? "kim"
        return "\(name)-\(Int.random(in: 1_000...999_999, using: &generator))"
    }
}
