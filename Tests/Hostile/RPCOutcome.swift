import NIOCore
import NIOHPACK

/// What the gRPC door made of some bytes, in words: `grpc 3` is a call that ended with
/// INVALID_ARGUMENT, `http 415` one that was no gRPC, `reset 1` and `goaway 1` are HTTP/2's own
/// refusals of a stream and of a connection with their codes (RFC 9113, section 7), `ended` a
/// connection that closed without a word, and `silence` one that waits for more.
enum RPCOutcome {
    /// The strongest word there is: of many answers the first that says how a call ended.
    static func words(_ reply: RawPeer.Reply) -> String {
        var calls: [String] = []
        var refusals: [String] = []
        var decoder = HPACKDecoder(allocator: ByteBufferAllocator())
        var rest = reply.bytes[...]
        while let frame = Frame(&rest) {
            switch frame.type {
            case 1:
                var block = ByteBuffer(bytes: frame.payload)
                guard let headers = try? decoder.decodeHeaders(from: &block) else { continue }
                if let status = headers.first(name: "grpc-status") {
                    calls.append("grpc \(status)")
                } else if let status = headers.first(name: ":status"), status != "200" {
                    calls.append("http \(status)")
                }
            case 3: refusals.append("reset \(frame.lastInteger(of: 4))")
            case 7: refusals.append("goaway \(frame.lastInteger(of: 8))")
            default: break
            }
        }
        let end = reply.isEnded ? "ended" : "silence"
        return calls.first ?? refusals.last { $0 != "goaway 0" } ?? refusals.first ?? end
    }

    private struct Frame {
        let type: UInt8
        let payload: ArraySlice<UInt8>

        init?(_ rest: inout ArraySlice<UInt8>) {
            guard rest.count >= 9 else { return nil }
            let head = Array(rest.prefix(9))
            let length = head[0..<3].reduce(0) { $0 << 8 | Int($1) }
            guard rest.count >= 9 + length else { return nil }
            type = head[3]
            payload = rest.dropFirst(9).prefix(length)
            rest = rest.dropFirst(9 + length)
        }

        /// The last four of the payload's first `count` bytes, as a number.
        func lastInteger(of count: Int) -> Int {
            payload.prefix(count).suffix(4).reduce(0) { $0 << 8 | Int($1) }
        }
    }
}
