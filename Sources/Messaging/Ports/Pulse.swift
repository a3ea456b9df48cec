/// What a loop tells whoever watches that it does not hang.
package struct Pulse: Sendable {
    /// Nobody watches.
    package static let none = Pulse(beats: {}, waits: {})

    private let beats: @Sendable () -> Void
    private let waits: @Sendable () -> Void

    /// - Parameters:
    ///   - beats: called at each step.
    ///   - waits: called before a wait that may last for ever.
    package init(beats: @escaping @Sendable () -> Void, waits: @escaping @Sendable () -> Void) {
        self.beats = beats
        self.waits = waits
    }

    /// The loop goes on: it did something, found nothing to do, or failed and will try again.
    package func beat() { beats() }

    /// The loop waits for what may never come, such as a message: silence is no hang from now on.
    package func wait() { waits() }
}
