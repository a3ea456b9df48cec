import TestDoubles
import TestShop

/// Which faults come, in which order and how: decided by a seed alone, whatever the machine's pace.
///
/// Faults come in salvos of one to three that begin together; all kinds come before any again.
struct Schedule: Sendable {
    /// Failpoints by the daemon that has them.
    static let points: [Shop.Daemon: [String]] = [
        .orders: [
            "door.before-work", "door.after-commit", "relay.before-publish", "relay.after-publish",
            "relay.after-confirm", "relay.before-commit", "relay.after-commit",
            "consumer.before-work", "consumer.before-commit", "consumer.before-ack",
            "consumer.after-ack",
        ],
        .payments: [
            "door.before-work", "door.before-commit", "door.after-commit", "relay.before-publish",
            "relay.after-publish", "relay.after-confirm", "relay.before-commit",
            "relay.after-commit", "consumer.before-work", "consumer.before-commit",
            "consumer.before-ack", "consumer.after-ack",
        ],
        .gateway: ["gateway.before-forward", "gateway.after-forward"],
    ]

    private var chance: SeededGenerator
    private let kinds: [FaultKind]
    private var deck: [FaultKind] = []

    /// - Parameters:
    ///   - seed: decides everything.
    ///   - kinds: those that can be injected here.
    init(seed: UInt64, kinds: [FaultKind]) {
        chance = SeededGenerator(seed: seed)
        self.kinds = kinds
    }

    /// The faults that come next, together.
    mutating func next() -> [Strike] {
        var salvo: [Strike] = []
        // Alone now and then: what one fault does must not always hide behind another.
        let size = [1, 2, 2, 3, 3].randomElement(using: &chance) ?? 1
        while salvo.count < size {
            if deck.isEmpty { deck = kinds.shuffled(using: &chance) }
            let grounds = Set(salvo.map(\.kind.ground))
            guard let place = deck.lastIndex(where: { !grounds.contains($0.ground) }) else { break }
            salvo.append(strike(deck.remove(at: place)))
        }
        return salvo
    }

    private mutating func strike(_ kind: FaultKind) -> Strike {
        // The crash points are the heart of it: most of them are the two services'.
        let daemons: [Shop.Daemon] = [.orders, .orders, .payments, .payments, .gateway]
        let daemon = daemons.randomElement(using: &chance) ?? .payments
        let point = Self.points[daemon]?.randomElement(using: &chance) ?? ""
        let visit = Int.random(in: 1...20, using: &chance)
        let services =
            [[Shop.Daemon.orders], [.payments], [.orders, .payments]]
            .randomElement(using: &chance) ?? []
        let servers = [[true], [false], [true, false]].randomElement(using: &chance) ?? []
        return Strike(
            kind: kind, daemon: daemon, point: "\(point)@\(visit)",
            ways: services.flatMap { service in
                servers.map { Strike.Way(service: service, isBroker: $0) }
            },
            milliseconds: Int.random(in: 500...4_000, using: &chance),
            number: Int.random(in: 2...10, using: &chance))
    }
}
