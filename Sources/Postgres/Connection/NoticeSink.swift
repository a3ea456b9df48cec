import CLibPQ
import Synchronization

/// Takes the server's notices, which libpq would print to stderr, and remembers whether one of
/// them announced the session's end.
final class NoticeSink: Sendable {
    private let ended = Atomic<Bool>(false)

    /// Whether the server said that it ends this session.
    var sawEnd: Bool { ended.load(ordering: .relaxed) }

    /// The sink must outlive the handle: libpq keeps its address.
    func attach(to handle: OpaquePointer) {
        PQsetNoticeReceiver(
            handle,
            { argument, result in
                guard let argument, let result else { return }
                Unmanaged<NoticeSink>.fromOpaque(argument).takeUnretainedValue().receive(result)
            }, Unmanaged.passUnretained(self).toOpaque())
    }

    private func receive(_ result: OpaquePointer) {
        let state = PQresultErrorField(result, Int32(UInt8(ascii: "C"))).map { String(cString: $0) }
        if state?.hasPrefix("57P") == true { ended.store(true, ordering: .relaxed) }
    }
}
