/// The fate of the messages of one publish, by delivery tag. Pure.
///
/// Tags ascend by one from `firstTag`. The broker answers in any order and for many at once, and it
/// *confirms* a message that it has returned just before: the return decides.
struct ConfirmWindow {
    private struct Entry {
        let queue: String
        let messageID: String
        var returned: PublishResult?
        var result: PublishResult?
    }

    private let firstTag: UInt64
    private var entries: [Entry] = []
    /// Every entry before this one is settled.
    private var settledPrefix = 0
    /// How many have been sent and not been settled.
    private(set) var outstanding = 0

    init(firstTag: UInt64) { self.firstTag = firstTag }

    /// Takes the next tag for a message that is about to be sent.
    mutating func add(queue: String, messageID: String) {
        entries.append(Entry(queue: queue, messageID: messageID))
        outstanding += 1
    }

    /// A returned message carries no tag: it is the earliest open one of its queue and id.
    mutating func returned(queue: String, messageID: String?, code: Int, text: String) {
        let index = entries[settledPrefix...].firstIndex { entry in
            entry.result == nil && entry.returned == nil && entry.queue == queue
                && entry.messageID == messageID
        }
        guard let index else { return }
        entries[index].returned = .returned(code: code, text: text)
    }

    /// Settles a tag, or with `multiple` every open one up to it. Tags of an earlier window are
    /// passed over.
    mutating func settle(tag: UInt64, multiple: Bool, as result: PublishResult) {
        guard tag >= firstTag, !entries.isEmpty else { return }
        let last = Int(min(tag - firstTag, UInt64(entries.count - 1)))
        guard multiple || tag - firstTag < UInt64(entries.count) else { return }
        for index in (multiple ? min(settledPrefix, last) : last)...last
        where entries[index].result == nil {
            entries[index].result = entries[index].returned ?? result
            outstanding -= 1
        }
        while settledPrefix < entries.count, entries[settledPrefix].result != nil {
            settledPrefix += 1
        }
    }

    /// The results in the order of sending; nil for what is still open.
    var results: [PublishResult?] { entries.map(\.result) }
}
