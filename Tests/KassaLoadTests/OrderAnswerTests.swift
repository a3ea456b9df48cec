import NIOCore
import SharedKernel
import Testing

@testable import KassaLoad

@Suite struct OrderAnswerTests {
    private static let id = "01a2033e-9796-7000-bcd0-34327d45d9d9"

    private static func accepted(_ fields: String = "Content-Length: 2") -> String {
        "HTTP/1.1 201 Created\r\n\(fields)\r\nLocation:  /orders/\(id) \r\n\r\n{}"
    }

    private func read(_ text: String) throws -> OrderAnswer? {
        var reader = OrderAnswer.Reader()
        return try reader.read(ByteBuffer(string: text))
    }

    @Test func `an answer is read once all of it is there, however it is cut`() throws {
        let text = "HTTP/1.1 100 Continue\r\n\r\n" + Self.accepted()
        let id = try #require(OrderID(Self.id))
        var reader = OrderAnswer.Reader()
        for _ in 0..<2 {
            for (index, byte) in text.utf8.enumerated() {
                let answer = try reader.read(ByteBuffer(bytes: [byte]))
                let isLast = index == text.utf8.count - 1
                #expect(
                    answer == (isLast ? OrderAnswer(reply: .accepted(id), staysOpen: true) : nil))
            }
        }
    }

    @Test(arguments: [
        ("HTTP/1.1 503 x\r\nRETRY-AFTER: 1\r\ncontent-length: 0\r\n\r\n", "503", true),
        ("HTTP/1.1 503 x\r\ncontent-length: 0\r\n\r\n", "503 without Retry-After", true),
        ("HTTP/1.1 429 x\r\ncontent-length: 0\r\n\r\n", "429 without Retry-After", true),
        ("HTTP/1.1 422 x\r\ncontent-length: 0\r\n\r\n", "422", true),
        ("HTTP/1.1 201 x\r\ncontent-length: 0\r\n\r\n", "201 without Location", true),
        ("HTTP/1.1 500\nConnection: Close\ncontent-length: 0\n\n", "500", false),
        ("HTTP/1.0 500 x\r\ncontent-length: 0\r\n\r\n", "500", false),
        ("HTTP/1.1 500 x\r\n\r\n", "500", false),
        ("HTTP/1.1 500 x\r\ntransfer-encoding: chunked\r\n\r\n4\r\n", "500", false),
    ]) func `a refusal says why, and whether the connection lasts`(
        text: String, reason: String, lasts: Bool
    ) throws {
        #expect(try read(text) == OrderAnswer(reply: .refused(reason), staysOpen: lasts))
    }

    @Test(arguments: [
        "SSH-2.0-OpenSSH\r\n", "HTTP/1.1 2x1 x\r\n\r\n",
        "HTTP/1.1 200 x\r\ncontent-length: -1\r\n\r\n",
        "HTTP/1.1 200 x\r\ncontent-length: 0\r\n\r\nmore",
        "HTTP/1.1 200 x\r\n" + String(repeating: "a", count: 20_000),
    ]) func `what is no answer is not taken for one`(text: String) {
        #expect(throws: OrderAnswer.Unreadable.self) { try read(text) }
    }
}
