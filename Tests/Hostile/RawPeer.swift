import Glibc
import NIOCore
import NIOPosix
import Synchronization

/// Bytes as they are, to a port of this machine, and what comes back.
enum RawPeer {
    /// What came back.
    struct Reply: Sendable {
        let bytes: [UInt8]
        /// Whether the other side ended the connection, rather than we our patience.
        let isEnded: Bool
    }

    /// Sends the parts one after the other and reads until the other side ends the connection,
    /// `isEnough`, or the limit.
    static func exchange(
        _ parts: [[UInt8]], port: Int, within limit: TimeAmount = .seconds(40),
        until isEnough: @escaping @Sendable ([UInt8]) -> Bool
    ) async throws -> Reply {
        let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .connectTimeout(.seconds(40))
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
                        wrappingChannelSynchronously: channel)
                }
            }
        let isOver = Mutex(false)
        let timer = channel.channel.eventLoop.scheduleTask(in: limit) {
            isOver.withLock { $0 = true }
            channel.channel.close(promise: nil)
        }
        defer { timer.cancel() }
        return try await channel.executeThenClose { inbound, outbound in
            do {
                for part in parts { try await outbound.write(ByteBuffer(bytes: part)) }
            } catch {
                // It would not hear us out; what it said, if anything, is still to be read.
            }
            var received: [UInt8] = []
            do {
                for try await part in inbound {
                    received += part.readableBytesView
                    if isEnough(received) { return Reply(bytes: received, isEnded: false) }
                }
            } catch let error as IOError
                where error.errnoCode == ECONNRESET || error.errnoCode == EPIPE
            {
                // It closed with our words unread, which the kernel tells in this way.
            }
            return Reply(bytes: received, isEnded: !isOver.withLock { $0 })
        }
    }
}
