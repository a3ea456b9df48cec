import Messaging
import MessagingLive
import Postgres
import SharedKernel
import TestDoubles

/// An outbox and the two ways in which facts leave messages in it.
protocol OutboxUnderTest: Outbox {
    func append(_ messages: [OutboxMessage]) async throws
    /// Appends in a transaction that commits only after `meanwhile`.
    func appendLate(_ message: OutboxMessage, _ meanwhile: () async throws -> Void) async throws
}

extension InMemoryOutbox: OutboxUnderTest {
    func appendLate(_ message: OutboxMessage, _ meanwhile: () async throws -> Void) async throws {
        try await meanwhile()
        try append([message])
    }
}

/// The real one.
struct PostgresOutboxUnderTest: OutboxUnderTest {
    let database: PostgresDatabase
    /// One for all calls: what it should not remember from one to the next would show.
    private let outbox: PostgresOutbox

    init(database: PostgresDatabase) {
        self.database = database
        outbox = PostgresOutbox(pool: database.pool)
    }

    func relay(
        upTo limit: Int, _ publish: ([OutboxMessage]) async throws -> [OutboxDisposition]
    ) async throws -> Int {
        try await outbox.relay(upTo: limit, publish)
    }

    func backlog() async throws -> OutboxBacklog { try await outbox.backlog() }

    func append(_ messages: [OutboxMessage]) async throws {
        try await database.pool.execute(PostgresOutbox.addition(of: messages))
    }

    func appendLate(_ message: OutboxMessage, _ meanwhile: () async throws -> Void) async throws {
        try await database.pool.held { transaction in
            try await transaction.execute(
                Statement(
                    """
                    INSERT INTO outbox (message_id, type, payload, headers)
                    VALUES ($1::uuid, $2, $3, '{}')
                    """,
                    message.id.description, message.type,
                    String(decoding: message.payload, as: UTF8.self)))
            try await meanwhile()
        }
    }
}
