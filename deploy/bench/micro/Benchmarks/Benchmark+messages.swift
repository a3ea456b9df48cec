import JSON
import Messaging
import SharedKernel

extension Benchmark {
    /// What relay and consumer decide about a full batch, and what they read of each message.
    static var messages: [Benchmark] {
        get throws { [try relay(), try delivery(), together(), alone()] }
    }

    private static let batch = 256

    private static func relay() throws -> Benchmark {
        let message = OutboxMessage(
            id: Samples.ids.nextMessageID(), type: OrderCreated.type,
            payload: try Samples.created().json.encoded, headers: Samples.headers,
            createdAt: Samples.moment, attempts: 0)
        let messages = Array(repeating: message, count: batch)
        let outcomes = Array(repeating: PublishOutcome.confirmed, count: batch)
        var machine = RelayMachine(batchLimit: batch, pollInterval: .seconds(1))
        return Benchmark("relay-batch", "what becomes of 256 published messages") {
            let dispositions = zip(messages, outcomes).map {
                RelayMachine.disposition(of: $0, after: $1)
            }
            return (dispositions, machine.passed(claimed: dispositions.count))
        }
    }

    private static func delivery() throws -> Benchmark {
        let reader = DeliveryReader(publisher: TrustedPublisher(user: "orders")) {
            delivery throws(UnreadableEvent) in try OrderCreated(payload: delivery.body)
        }
        var headers = Samples.headers
        headers["published-by"] = "orders@host-1"
        headers["published-at"] = Samples.momentText
        let delivery = Delivery(
            messageID: MessageID(Samples.idText), type: OrderCreated.type,
            body: try Samples.created().json.encoded, headers: headers, sender: "orders",
            queue: "order_created")
        return Benchmark("delivery-read", "a delivered order_created, believed and read") {
            try reader(delivery)
        }
    }

    private static func together() -> Benchmark {
        let faults = [String?](repeating: nil, count: batch)
        let verdicts = [Verdict](repeating: .handled, count: batch)
        return Benchmark("consumer-batch", "256 messages that are handled as one") {
            var machine = ConsumerMachine(faults: faults)
            blackHole(machine.action)
            machine.handled(verdicts)
            return machine.action
        }
    }

    private static func alone() -> Benchmark {
        let faults = [String?](repeating: nil, count: batch)
        return Benchmark("consumer-alone", "256 that failed as one, handled one by one") {
            var machine = ConsumerMachine(faults: faults)
            machine.failedForGood(reason: "a duplicate")
            while case .handle(let positions) = machine.action {
                machine.handled([Verdict](repeating: .handled, count: positions.count))
            }
            return machine.action
        }
    }
}
