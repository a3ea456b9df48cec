import Messaging
import SharedKernel

/// A broker: queues that survive everything but an operator's mistake, sessions that do not, and a
/// word to the publisher that may get lost.
///
/// Unchecked for the reason that ``World`` has.
final class SimulatedBroker: @unchecked Sendable {
    let world: World
    let adversity: Adversity
    private var queues: [String: SimulatedQueue] = [:]
    private var sessions: [BrokerSession] = []
    private var lastSession: UInt64 = 0
    /// Out of reach for everybody.
    var isAway = false {
        didSet { if isAway { dropSessions() } }
    }
    /// Bodies of messages that went with a queue's content.
    private(set) var lost: Set<[UInt8]> = []
    /// Takes no messages, but gives them.
    var hasAlarm = false

    init(in world: World, _ adversity: Adversity) {
        self.world = world
        self.adversity = adversity
    }

    /// Messages in all queues, those that a consumer holds included.
    var messageCount: Int { queues.values.reduce(0) { $0 + $1.count } }

    /// Declares a queue; harmless where it exists.
    func declare(_ name: String) -> SimulatedQueue {
        if let queue = queues[name] { return queue }
        let queue = SimulatedQueue(name, in: world)
        queues[name] = queue
        return queue
    }

    // MARK: Mistakes of an operator

    /// Takes out of a queue what waits in it.
    func purge(_ name: String) {
        guard let queue = queues[name] else { return }
        world.trace.note(world, name, "is purged", queue.count)
        lost.formUnion(queue.purge().map(\.body))
    }

    /// Takes away a queue with all that is in it; its consumers are told.
    func delete(_ name: String) {
        guard let queue = queues.removeValue(forKey: name) else { return }
        world.trace.note(world, name, "is deleted", queue.count)
        lost.formUnion(queue.purge().map(\.body))
        for session in sessions where session.queue === queue { close(session) }
        lost.formUnion(queue.purge().map(\.body))
    }

    // MARK: Consumers

    /// A consumer's connection, on which deliveries wait.
    func openSession(
        _ process: SimulatedProcess, _ queue: String, _ arrived: @escaping () -> Void
    ) -> BrokerSession {
        lastSession += 1
        let session = BrokerSession(
            id: lastSession, process: process, queue: declare(queue), arrived: arrived)
        sessions.append(session)
        session.queue.sessions.append(session)
        session.queue.deliver()
        return session
    }

    /// The connections of a process are gone: what they held comes again.
    func disconnect(_ process: SimulatedProcess) {
        for session in sessions where session.process === process { close(session) }
    }

    /// Every connection is gone.
    func dropSessions() {
        world.trace.note(world, "broker", "sessions dropped", sessions.count)
        for session in sessions { close(session) }
    }

    func close(_ session: BrokerSession) {
        sessions.removeAll { $0 === session }
        session.close()
    }

    // MARK: Publishers

    /// Takes messages from a publisher.
    ///
    /// - Returns: its word on each; nil where the connection is lost before the publisher has it.
    func take(_ messages: [OutboxMessage], routes: [String: String]) -> [PublishOutcome]? {
        guard !isAway, !hasAlarm else { return nil }
        var kept = messages.count
        if strikes(adversity.cutPublishes, "connection lost while publishing") {
            kept = world.number(below: messages.count + 1)
        }
        let outcomes = messages.prefix(kept).map { take($0, for: routes[$0.type]) }
        guard kept == messages.count else { return nil }
        return strikes(adversity.lostConfirms, "confirms lost") ? nil : outcomes
    }

    private func take(_ message: OutboxMessage, for route: String?) -> PublishOutcome {
        guard let route, let queue = queues[route] else {
            world.trace.note(world, "broker", "message returned")
            return .returned(reason: "312 NO_ROUTE")
        }
        guard !strikes(adversity.refusals, "message refused") else { return .refused }
        let delivery = Delivery(
            messageID: message.id, type: message.type, body: message.payload,
            headers: message.headers, queue: route)
        queue.add(delivery, reordered: world.chance(adversity.reorderings))
        if strikes(adversity.duplicates, "message doubled") {
            queue.add(delivery, reordered: true)
        }
        if strikes(adversity.lateCopies, "copy without an id, later") {
            world.after(world.duration(.seconds(1), .seconds(40))) {
                queue.add(delivery.withoutProperties, reordered: true)
            }
        }
        return .confirmed
    }

    private func strikes(_ perMille: Int, _ words: StaticString) -> Bool {
        guard world.chance(perMille) else { return false }
        world.trace.note(world, "broker", words)
        return true
    }
}

extension Delivery {
    /// As a producer older than Kassa sends it.
    fileprivate var withoutProperties: Delivery {
        Delivery(messageID: nil, type: nil, body: body, queue: queue)
    }
}
