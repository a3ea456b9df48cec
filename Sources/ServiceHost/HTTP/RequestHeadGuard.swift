import HTTPTypes
import NIOCore
import NIOHTTP1

/// Why a request is not even read, and what its sender is told before his connection ends.
struct RequestRefusal: Error, Equatable {
    let status: HTTPResponse.Status
    let detail: String

    static let malformed = RequestRefusal(status: .badRequest, detail: "Malformed HTTP request")
    static let targetTooLong = RequestRefusal(status: .uriTooLong, detail: "Path is too long")
    static let headTooLarge = RequestRefusal(
        status: .requestHeaderFieldsTooLarge, detail: "Request header fields are too large")
    static let headTooSlow = RequestRefusal(
        status: .requestTimeout, detail: "Request head did not arrive in time")
    static let tooManyConnections = RequestRefusal(
        status: .serviceUnavailable, detail: "Too many connections, try again")
}

/// Refuses what the decoder lets pass and what two readers could understand differently, which is
/// what request smuggling lives on; and gives the decoder's own refusals their proper status.
final class RequestHeadGuard: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart

    private let targetBytes: Int
    private let bytes: ByteSide
    private var hasRefused = false

    init(targetBytes: Int, bytes: ByteSide) {
        self.targetBytes = targetBytes
        self.bytes = bytes
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !hasRefused else { return }
        switch unwrapInboundIn(data) {
        case .head(var head):
            if let refusal = refusal(of: head) {
                hasRefused = true
                context.fireErrorCaught(refusal)
            } else {
                // The server knows this one spelling, and no HTTP/1.0.
                if !head.isKeepAlive {
                    head.headers.replaceOrAdd(name: "connection", value: "close")
                }
                context.fireChannelRead(wrapInboundOut(.head(head)))
            }
        case .body: context.fireChannelRead(data)
        case .end:
            bytes.reset()
            context.fireChannelRead(data)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard let parserError = error as? HTTPParserError else {
            return context.fireErrorCaught(error)
        }
        guard !hasRefused else { return }
        hasRefused = true
        let refusal: RequestRefusal =
            switch parserError {
            case .headerOverflow: bytes.length > targetBytes ? .targetTooLong : .headTooLarge
            default: .malformed
            }
        context.fireErrorCaught(refusal)
    }

    private func refusal(of head: HTTPRequestHead) -> RequestRefusal? {
        if head.uri.utf8.count > targetBytes { return .targetTooLong }
        // RFC 9112, section 3.2: one Host, and 1.1 must have it.
        let hosts = head.headers[canonicalForm: "host"].count
        let isFirst = head.version.minor == 0
        guard hosts == 1 || hosts == 0 && isFirst else { return .malformed }
        // Section 6.1: an HTTP/1.0 sender knows no Transfer-Encoding; somebody between us does.
        let encodings = head.headers["transfer-encoding"]
        guard encodings.isEmpty || !isFirst else { return .malformed }
        guard encodings.count <= 1, head.headers["content-length"].count <= 1 else {
            return .malformed
        }
        return nil
    }
}
