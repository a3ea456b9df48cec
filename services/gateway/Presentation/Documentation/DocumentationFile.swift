import HTTPTypes
import Hummingbird
import ServiceHost

/// A file that is served as it is, with what a browser needs to trust and to keep it.
struct DocumentationFile: Sendable {
    private let body: ByteBuffer
    private let headers: HTTPFields

    init(_ bytes: [UInt8], type: String, moreHeaders: HTTPFields = [:]) {
        body = ByteBuffer(bytes: bytes)
        var headers = moreHeaders
        headers[.contentType] = type
        headers[.eTag] = Self.tag(of: bytes)
        // Asked for anew each time, so that a new gateway never meets an old page.
        headers[.cacheControl] = "no-cache"
        headers[.xContentTypeOptions] = "nosniff"
        self.headers = headers
    }

    /// The file, or 304 where the caller says that it has it.
    func answer(to request: Request) -> Response {
        guard Self.lists(request.headers[.ifNoneMatch] ?? "", headers[.eTag]) else {
            return Response(
                status: .ok, headers: headers, body: ResponseBody(byteBuffer: body))
        }
        var kept = headers
        kept[.contentType] = nil
        return Response(status: .notModified, headers: kept)
    }

    /// FNV-1a over the content: it tells one build's file from another's, and guards nothing.
    private static func tag(of bytes: [UInt8]) -> String {
        let hash = bytes.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { hash, byte in
            (hash ^ UInt64(byte)) &* 0x100_0000_01B3
        }
        return "\"\(String(hash, radix: 16))\""
    }

    /// Weak comparison over a list of tags, or `*` (RFC 9110, section 13.1.2).
    private static func lists(_ field: String, _ tag: String?) -> Bool {
        field.split(separator: ",").contains { part in
            var part = part.drop { $0 == " " || $0 == "\t" }
            while part.last == " " || part.last == "\t" { part.removeLast() }
            if part.hasPrefix("W/") { part = part.dropFirst(2) }
            return part == "*" || tag.map { part == $0 } ?? false
        }
    }
}
