/// A daemon's process as an operator finds it again: its host and its process id, `shop1:4711`.
///
/// Its log says it when it is ready, the metric `kassa_instance_info` has it as a label, and it
/// rides on each message that the process publishes.
package struct InstanceName: Hashable, Sendable, CustomStringConvertible {
    /// Bytes that a name may have.
    package static let limit = 64

    /// 1 to 64 visible ASCII characters.
    package let description: String

    /// Reads a name as it came with a message or stands in a row; nil for anything but 1 to 64
    /// visible ASCII characters.
    package init?(_ text: String) {
        guard (1...Self.limit).contains(text.utf8.count),
            text.isWithin(0x21...0x7E)
        else { return nil }
        description = text
    }

    /// - Parameters:
    ///   - host: what a name cannot carry becomes `-`, and what is too long is cut.
    ///   - process: the process id.
    package init(host: String, process: Int32) {
        let end = ":\(process)"
        let visible = host.utf8.prefix(Self.limit - end.utf8.count).map { byte in
            (0x21...0x7E).contains(byte) ? byte : UInt8(ascii: "-")
        }
        description = String(decoding: visible, as: UTF8.self) + end
    }
}
