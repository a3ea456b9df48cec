/// What an event does to the screen, and what is to be done outside.
package func update(_ state: inout State, _ event: Event) -> [Effect] { [] }

extension State {
    /// When ``Event/tick(_:)`` is needed next, monotonic: until then nothing changes by itself.
    package var nextDeadline: Instant { moment.now + 1_000 }

    /// How the screen stands with the gateway.
    package var connection: Connection { .connecting }
}
