import NIOCore
import NIOEmbedded
import NIOHTTP1
import Testing

@testable import ServiceHost

/// What is plain, and that the decoder agrees on where it begins and ends.
@Suite struct PlainRequestTests {
    private static let order =
        "POST /orders HTTP/1.1\r\nHost: x:8000\r\nContent-Type: application/json\r\n"
        + "Authorization: Bearer abc\r\nContent-Length: 13\r\n\r\n{\"amount\": 1}"

    private func plain(_ text: String) -> PlainRequest? {
        PlainRequest(ByteBuffer(string: text).readableBytesUInt8Span)
    }

    @Test(arguments: [
        order, "GET /orders/1?a=b&c=%20d HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /orders HTTP/1.1\r\nHOST:x\r\nUser-Agent: curl/8 (a; b)\r\nAccept: */*\r\n\r\n",
        "POST /orders HTTP/1.1\r\nhost: x\r\n\r\n",
        "POST /orders HTTP/1.1\r\nHost: x\r\nContent-Length: 0002\r\n\r\n{}",
    ])
    func `a small request in everyday words is plain`(_ text: String) throws {
        let request = try #require(plain(text))
        let target = text.split(separator: " ")[1]
        #expect(request.target(in: ByteBuffer(string: text)) == target)
    }

    @Test(arguments: [
        "", "\r\n", "POST /orders", "GET /orders HTTP/1.1\r\n", "GET /orders HTTP/1.1\r\n\r\n",
        "HEAD /orders HTTP/1.1\r\nHost: x\r\n\r\n", "get /orders HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /orders HTTP/1.0\r\nHost: x\r\n\r\n", "GET orders HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET  /orders HTTP/1.1\r\nHost: x\r\n\r\n", "GET /orders HTTP/1.1\r\nHost : x\r\n\r\n",
        "GET /orders HTTP/1.1\r\nHost: x\r\nHost: x\r\n\r\n",
        "GET /orders HTTP/1.1\r\nHost: x,y\r\n\r\n",
        "GET /orders HTTP/1.1\nHost: x\n\n", "GET /orders HTTP/1.1\r\nHost: x\n\r\n",
        "GET /orders HTTP/1.1\r\n Host: x\r\n\r\n", "GET /orders HTTP/1.1\r\nHost: x\r\n y\r\n\r\n",
        "GET /orders HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        "GET /orders HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n\r\n",
        "GET /orders HTTP/1.1\r\nHost: x\r\nX-Else: y\r\n\r\n",
        "POST /orders HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST /orders HTTP/1.1\r\nHost: x\r\nContent-Type: \(MessageBatch.mediaType)\r\n\r\n",
        "POST /orders HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\n{}",
        "POST /orders HTTP/1.1\r\nHost: x\r\nContent-Length: +2\r\n\r\n{}",
        "POST /orders HTTP/1.1\r\nHost: x\r\nContent-Length: 2 \r\n\r\n{}",
        "POST /orders HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n{}",
        "POST /orders HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{",
        "GET /orders HTTP/1.1\r\nHost: x\r\n\(String(repeating: "Accept: a\r\n", count: 16))\r\n",
        "POST /orders HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}\n", order + order,
        "POST /orders HTTP/1.1\r\nHost: x\r\nContent-Length: 4096\r\n\r\n"
            + String(repeating: "x", count: 4_096),
    ])
    func `whatever else there is is not`(_ text: String) {
        #expect(plain(text) == nil)
    }

    /// Each byte replaced by each of some, and each of them put in before it, and it left out.
    @Test func `what is plain is one request for the decoder, and leaves nothing in it`() throws {
        let order = Array(Self.order.utf8)
        let others = Array(" \t\r\n\0:;,-_/%aZ09\"{\u{7F}".utf8) + [0x80, 0xFF]
        var plain = 0
        for place in order.indices {
            let (front, back) = (order[..<place], order[(place + 1)...])
            let mutants =
                others.flatMap { [front + [$0] + back, front + [$0] + order[place...]] }
                + [front + back]
            for mutant in mutants {
                let bytes = ByteBuffer(bytes: mutant)
                guard let request = PlainRequest(bytes.readableBytesUInt8Span) else { continue }
                plain += 1
                let targets = try Self.decoded([bytes, ByteBuffer(string: Self.order)])
                #expect(
                    targets == [request.target(in: bytes), "/orders"], "\(String(buffer: bytes))")
            }
        }
        #expect(plain > 500)
    }

    /// The targets of the whole requests that the pieces make; nil where they are refused.
    private static func decoded(_ pieces: [ByteBuffer]) throws -> [String]? {
        let channel = EmbeddedChannel()
        let bytes = ByteSide()
        let pipeline = channel.pipeline.syncOperations
        try pipeline.addHandler(bytes)
        try pipeline.configureHTTPServerPipeline(
            withPipeliningAssistance: false, withErrorHandling: false)
        try pipeline.addHandler(RequestHeadGuard(targetBytes: 8_192, bytes: bytes))
        var targets: [String] = []
        var ends = 0
        do {
            for piece in pieces {
                try channel.writeInbound(piece)
                while let part = try channel.readInbound(as: HTTPServerRequestPart.self) {
                    switch part {
                    case .head(let head): targets.append(head.uri)
                    case .body: break
                    case .end: ends += 1
                    }
                }
                guard targets.count == ends else { return nil }
            }
        } catch {
            return nil
        }
        return targets
    }
}
