import Messaging

/// A queue of the broker: what waits, and the consumers among whom it is shared.
///
/// Unchecked for the reason that ``World`` has.
final class SimulatedQueue: @unchecked Sendable {
    let name: String
    let world: World
    fileprivate(set) var waiting: [Delivery] = []
    var sessions: [BrokerSession] = []

    init(_ name: String, in world: World) {
        self.name = name
        self.world = world
    }

    /// All messages, those that a consumer holds included.
    var count: Int { sessions.reduce(waiting.count) { $0 + $1.held.count } }

    /// Puts a message in: at the end, or anywhere.
    func add(_ delivery: Delivery, reordered: Bool) {
        if reordered {
            waiting.insert(delivery, at: world.number(below: waiting.count + 1))
        } else {
            waiting.append(delivery)
        }
        deliver()
    }

    /// What came back goes to the front, marked as delivered before.
    func requeue(_ deliveries: [Delivery]) {
        waiting.insert(contentsOf: deliveries.map(\.redelivered), at: 0)
        deliver()
    }

    /// Takes out what waits; what consumers hold stays theirs.
    func purge() -> [Delivery] {
        defer { waiting = [] }
        return waiting
    }

    /// Hands what waits to consumers that have room.
    func deliver() {
        while !waiting.isEmpty {
            let open = sessions.filter { $0.held.count < BrokerSession.prefetch }
            guard !open.isEmpty else { return }
            open[world.number(below: open.count)].take(waiting.removeFirst())
        }
    }
}

/// A consumer's connection: what was sent over it and is not acknowledged.
///
/// Unchecked for the reason that ``World`` has.
final class BrokerSession: @unchecked Sendable {
    /// Unacknowledged messages that the broker sends at most.
    static let prefetch = 256

    let id: UInt64
    let process: SimulatedProcess
    let queue: SimulatedQueue
    private(set) var isOpen = true
    /// Sent and not acknowledged, in the order of tags.
    fileprivate(set) var held: [(tag: UInt64, delivery: Delivery)] = []
    private var lastTag: UInt64 = 0
    /// The tag of the last delivery that has arrived on the consumer's side.
    private var arrivedTag: UInt64 = 0
    private var takenTag: UInt64 = 0
    private var isOnTheWay = false
    private let arrived: () -> Void

    init(
        id: UInt64, process: SimulatedProcess, queue: SimulatedQueue,
        arrived: @escaping () -> Void
    ) {
        self.id = id
        self.process = process
        self.queue = queue
        self.arrived = arrived
    }

    fileprivate func take(_ delivery: Delivery) {
        lastTag += 1
        held.append((lastTag, delivery))
        guard !isOnTheWay else { return }
        isOnTheWay = true
        queue.world.after(queue.world.duration(.zero, .milliseconds(5))) { [self] in
            isOnTheWay = false
            arrivedTag = lastTag
            if isOpen { arrived() }
        }
    }

    /// What has arrived and was not taken yet; nil where there is none.
    func nextBatch(upTo limit: Int) -> DeliveryBatch? {
        let fresh = held.filter { $0.tag > takenTag && $0.tag <= arrivedTag }.prefix(limit)
        guard let last = fresh.last else { return nil }
        takenTag = last.tag
        return DeliveryBatch(
            deliveries: fresh.map(\.delivery), session: id, lastTag: last.tag)
    }

    func acknowledge(through tag: UInt64) {
        guard isOpen else { return }
        held.removeAll { $0.tag <= tag }
        queue.deliver()
    }

    func giveBack(through tag: UInt64) {
        guard isOpen else { return }
        let given = held.filter { $0.tag <= tag }.map(\.delivery)
        held.removeAll { $0.tag <= tag }
        queue.requeue(given)
    }

    func close() {
        guard isOpen else { return }
        isOpen = false
        queue.sessions.removeAll { $0 === self }
        let given = held.map(\.delivery)
        held = []
        queue.requeue(given)
        arrived()
    }
}

extension Delivery {
    fileprivate var redelivered: Delivery {
        Delivery(
            messageID: messageID, type: type, body: body, headers: headers, isRedelivered: true,
            sender: sender, queue: queue)
    }
}
