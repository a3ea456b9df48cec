package import KassaModel

/// What came from the terminal, from a signal or from another thread.
package enum TerminalEvent: Sendable {
    /// A key, a paste, a mouse action or a new size: for the model as it is.
    case input(Event)
    /// ``TerminalWaker/wake()`` was called, once or often.
    case woken
    /// The process was stopped from outside and goes on: everything must be drawn again.
    case resumed
    /// SIGTERM, SIGINT or SIGHUP: close and exit with 128 and this.
    case terminate(signal: Int32)
    /// The terminal is gone: close and exit.
    case lost
}
