/// What each row must come to, by its name.
extension RPCRow {
    /// In the words of ``RPCOutcome``. The kernel may tell the end of a connection before the last
    /// word of a peer that has left bytes unread: then all there is to see is the end.
    var expected: Set<String> {
        let word = Self.outcomes.first { $0.value.contains(name) }?.key ?? "a row without an entry"
        // Who sends on, whatever the windows say, is cut off.
        let isCutOff = word.hasPrefix("goaway") || name == "a message of 10 MiB"
        return isCutOff ? [word, "ended"] : [word]
    }

    private static let outcomes: [String: Set<String>] = [
        // PROTOCOL_ERROR, of the whole connection.
        "goaway 1": [
            "1,000 calls that never say more", "HTTP/1.1", "a continuation of nothing",
            "a megabyte of zeros", "a ping on a stream", "a preface with a fault",
            "a promise from a client", "a reset of an idle stream",
            "a stream that depends on itself", "a window of nothing",
            "a window on an idle stream", "bytes", "data on an idle stream", "data on stream 0",
            "headers and then others", "headers on an even stream", "headers on stream 0",
            "no settings", "padding longer than its frame", "settings on a stream",
            "settings with a tiny frame",
        ],
        // ENHANCE_YOUR_CALM.
        "goaway 11": [
            "10,000 empty data", "10,000 pings", "10,000 priorities", "10,000 settings",
            "a header block without end", "a rapid reset, 2,000 times",
        ],
        // FLOW_CONTROL_ERROR.
        "goaway 3": [
            "a window beyond its bound", "settings of nonsense",
        ],
        // FRAME_SIZE_ERROR.
        "goaway 6": [
            "a goodbye of three bytes", "a ping of five bytes", "a reset of three bytes",
            "a window of three bytes", "an acknowledgement with a body", "an announced 16 MiB",
            "settings of five bytes",
        ],
        // COMPRESSION_ERROR.
        "goaway 9": [
            "a header block of garbage", "a header of 1 MB", "an index beyond the table",
        ],
        // UNIMPLEMENTED.
        "grpc 12": [
            "a compression that is none", "a method that is none",
        ],
        // INTERNAL: there is not one message, whole and as it is.
        "grpc 13": [
            "ESC in an id", "a flag of compression that is none", "a timeout of no time",
            "a timeout of nonsense", "half a message", "no message", "two messages",
        ],
        // INVALID_ARGUMENT.
        "grpc 3": [
            "a length beyond the message",
            "a text that is no UTF-8", "groups in groups", "protobuf of garbage",
        ],
        // RESOURCE_EXHAUSTED: more than a message may have.
        "grpc 8": [
            "a message of 10 MiB", "a message of announced 4 GiB",
        ],
        // No gRPC.
        "http 415": [
            "a GET", "no gRPC",
        ],
        // PROTOCOL_ERROR, of one stream.
        "reset 1": [
            "CRLF in a value", "NUL in a name", "no pseudo headers", "transfer-encoding",
            "two lengths", "upper case",
        ],
        // Waited for, or passed over, as the standard has it.
        "silence": [
            "10,000 unknown frames", "a TLS hello", "a frame of no known type",
            "half a preface", "nothing",
        ],
    ]
}
