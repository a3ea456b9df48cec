import CRabbitMQ

/// What the consuming half of a connection remembers.
struct ConsumerState {
    /// What has arrived and nobody has taken: at most the prefetch, the broker sends no more
    /// unacknowledged.
    var arrived: [AMQPDelivery] = []
    var prefetch = 0
    /// Who waits for the next delivery.
    var waiter: CheckedContinuation<Void, any Error>?
    /// Counts the waits, so that a late cancellation ends its own and not the one after it.
    var waits: UInt64 = 0

    /// False when the broker sends more than it may.
    mutating func take(_ delivery: AMQPDelivery) -> Bool {
        guard arrived.count < prefetch else { return false }
        arrived.append(delivery)
        resume(.success(()))
        return true
    }

    mutating func end(with error: AMQPError) {
        // They are the broker's again: an answer to them could not be sent.
        arrived = []
        resume(.failure(error))
    }

    mutating func resume(_ result: Result<Void, any Error>) {
        waiter?.resume(with: result)
        waiter = nil
    }
}

extension AMQPConnection {
    /// Starts the connection's one consumer: the broker pushes up to `prefetch` unacknowledged
    /// messages.
    ///
    /// - Parameter prefetch: 1 or more; bounds the memory that waiting deliveries take.
    /// - Throws: ``AMQPError`` `.notFound` when there is no such queue.
    package func consume(_ queue: String, prefetch: UInt16) throws {
        precondition(prefetch > 0 && consumer.prefetch == 0, "One consumer, a bounded prefetch.")
        consumer.prefetch = Int(prefetch)
        try request("basic.qos") { amqp_basic_qos($0.pointer, 1, 0, prefetch, 0) != nil }
        try request("consume from \(queue)") { library in
            library.withBytes(queue) { name in
                amqp_basic_consume(
                    library.pointer, 1, name, amqp_empty_bytes, 0, 0, 0, amqp_empty_table) != nil
            }
        }
    }

    /// Waits for a delivery, then takes what has arrived, in order, as long as it weighs at most
    /// `limit` together. Never empty: the first one is taken whatever it weighs.
    ///
    /// For one caller at a time.
    /// - Parameter weight: of a delivery; 1 unless told otherwise.
    /// - Throws: what ended the connection, or `CancellationError`.
    package func nextDeliveries(
        upTo limit: Int, weight: @Sendable (AMQPDelivery) -> Int = { _ in 1 }
    ) async throws -> [AMQPDelivery] {
        precondition(limit > 0)
        while consumer.arrived.isEmpty {
            _ = try live()
            try await arrival()
        }
        var room = limit
        var taken = consumer.arrived.prefix {
            room -= weight($0)
            return room >= 0
        }
        if taken.isEmpty { taken = consumer.arrived.prefix(1) }
        consumer.arrived.removeFirst(taken.count)
        return Array(taken)
    }

    /// Acknowledges every delivery up to and including `tag`.
    package func acknowledge(through tag: UInt64) throws {
        try send("Acknowledge", within: limits.request) { library in
            amqp_basic_ack(library.pointer, 1, tag, 1)
        }
    }

    /// Gives every delivery up to and including `tag` back to the queue, which hands them out
    /// again, marked.
    package func giveBack(through tag: UInt64) throws {
        try send("Give back", within: limits.request) { library in
            amqp_basic_nack(library.pointer, 1, tag, 1, 1)
        }
    }

    private func arrival() async throws {
        precondition(consumer.waiter == nil, "Deliveries are for one caller at a time.")
        consumer.waits += 1
        let wait = consumer.waits
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation {
                (continuation: CheckedContinuation<Void, any Error>) in
                if Task.isCancelled {
                    continuation.resume(throwing: CancellationError())
                } else {
                    consumer.waiter = continuation
                }
            }
        } onCancel: {
            Task { await self.cancelArrival(wait) }
        }
    }

    private func cancelArrival(_ wait: UInt64) {
        guard wait == consumer.waits else { return }
        consumer.resume(.failure(CancellationError()))
    }
}
