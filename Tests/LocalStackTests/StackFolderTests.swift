import LocalStack
import Testing

@Suite struct StackFolderTests {
    private let postgres = ServerUser(name: "postgres", userID: 105, groupID: 110)

    @Test func `an ordinary caller keeps everything in its folder`() {
        let folder = StackFolder.choose(path: "/root/kassa/.kassa", user: nil) { _ in nil }
        #expect(folder.serverPath == "/root/kassa/.kassa")
    }

    @Test func `data go below the folder when the servers' account can reach it`() {
        let folder = StackFolder.choose(path: "/srv/kassa/.kassa", user: postgres) { path in
            path == "/srv/kassa/.kassa" ? nil : FolderMode(owner: 0, group: 0, mode: 0o755)
        }
        #expect(folder.serverPath == folder.path)
    }

    @Test func `data go under var tmp when a folder on the way is closed`() {
        let folder = StackFolder.choose(path: "/root/kassa/.kassa", user: postgres) { path in
            FolderMode(owner: 0, group: 0, mode: path == "/root" ? 0o700 : 0o755)
        }
        #expect(folder.path == "/root/kassa/.kassa")
        #expect(folder.serverPath.hasPrefix("/var/tmp/kassa-"))
        #expect(folder.postgres.hasPrefix("/var/tmp/kassa-"))
        #expect(folder.secrets.hasPrefix("/root/"))
        #expect(folder.serverPath == StackFolder.fallbackServerPath(for: "/root/kassa/.kassa"))
        #expect(folder.serverPath != StackFolder.fallbackServerPath(for: "/root/other/.kassa"))
    }

    @Test(
        arguments: [
            (105, 0, 0o100, true), (105, 0, 0o011, false), (0, 110, 0o010, true),
            (0, 110, 0o101, false), (0, 0, 0o001, true), (0, 0, 0o770, false),
        ] as [(UInt32, UInt32, UInt32, Bool)])
    func `the first class that fits decides who passes`(
        owner: UInt32, group: UInt32, mode: UInt32, passes: Bool
    ) {
        #expect(FolderMode(owner: owner, group: group, mode: mode).admits(postgres) == passes)
    }

    @Test func `only root becomes somebody else, the first that exists`() throws {
        let nobody = ServerUser(name: "nobody", userID: 65_534, groupID: 65_534)
        #expect(try ServerUser.choose(effectiveUser: 1_000) { _ in postgres } == nil)
        #expect(try ServerUser.choose(effectiveUser: 0) { _ in postgres } == postgres)
        #expect(
            try ServerUser.choose(effectiveUser: 0) { $0 == "nobody" ? nobody : nil } == nobody)
        #expect(throws: StackError.self) {
            try ServerUser.choose(effectiveUser: 0) { _ in nil }
        }
    }
}
