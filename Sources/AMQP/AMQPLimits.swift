/// The deadlines and bounds of one connection. The defaults are what the services run with.
package struct AMQPLimits: Sendable, Equatable {
    /// For the TCP connection and the handshake, each.
    package var connect: Duration = .seconds(5)
    /// For an answer to a request such as queue.declare, and for any single write.
    package var request: Duration = .seconds(5)
    /// For a window of messages to be sent and confirmed.
    package var confirm: Duration = .seconds(5)
    /// Seconds between heartbeats; two missed ones end the connection. 1 or more.
    package var heartbeat: UInt16 = 10

    /// Bytes of a delivered body that are kept; see ``AMQPDelivery/excess``. Our own events have
    /// 5 KiB at most.
    package var body = 65_536

    /// Messages one ``AMQPConnection/publish(_:)`` may hold: so many small ones fit the socket's
    /// buffers.
    package static let window = 256

    /// The defaults.
    package init() {}
}
