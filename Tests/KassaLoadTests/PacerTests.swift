import NIOCore
import NIOEmbedded
import Testing

@testable import KassaLoad

@Suite struct PacerTests {
    private final class Client: Pacer.Client {
        private let name: Int
        private let note: (Int) -> Void

        init(_ name: Int, _ note: @escaping (Int) -> Void) {
            self.name = name
            self.note = note
        }

        func wake() { note(name) }
    }

    @Test func `clients are woken in their order, when they are due and not before`() {
        let loop = EmbeddedEventLoop()
        let pacer = Pacer(loop)
        var woken: [Int] = []
        let now = ContinuousClock.now
        for number in 0..<3 {
            pacer.wake(Client(number) { woken.append($0) }, at: now)
        }
        pacer.wake(Client(3) { woken.append($0) }, at: now + .seconds(3_600))
        #expect(woken.isEmpty)
        loop.advanceTime(by: .milliseconds(1))
        #expect(woken == [0, 1, 2])
        loop.advanceTime(by: .seconds(3_600))
        // By the clock that counts it is not due.
        #expect(woken == [0, 1, 2])
    }
}
