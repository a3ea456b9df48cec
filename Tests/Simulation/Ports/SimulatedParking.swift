import Messaging
import TestDoubles

/// The parking as one process sees it.
struct SimulatedParking: Parking {
    let database: SimulatedDatabase

    func park(_ messages: [ParkedMessage]) async throws {
        try await database.call(repeating: false) { [database] in
            try await database.parking.park(messages)
            database.world.trace.note(
                database.world, database.name, "parked", messages.count)
        }
    }
}
