import ArgumentParser
import KassaClient
import KassaModel
import Testing

@testable import KassaApp

struct ConfigurationTests {
    @Test func `every member is read`() throws {
        let text = """
            {"gateway": "http://shop:8000", "token_file": "/run/token", "interval": 0.25,
             "theme": "light", "ascii": true, "mouse": false, "readonly": true}
            """
        let configuration = try Configuration(parsing: Array(text.utf8))
        #expect(configuration.gateway == "http://shop:8000")
        #expect(configuration.tokenFile == "/run/token")
        #expect(configuration.interval == 250)
        #expect(configuration.theme == .light)
        #expect(configuration.ascii == true)
        #expect(configuration.mouse == false)
        #expect(configuration.readonly == true)
        #expect(try Configuration(parsing: Array("{}".utf8)) == Configuration())
    }

    @Test(arguments: [
        ("", "no JSON"), ("[]", "no JSON object"), (#"{"gatway":"x"}"#, "unknown member"),
        (#"{"interval":"1"}"#, "'interval'"), (#"{"interval":0}"#, "'interval'"),
        (#"{"theme":"pink"}"#, "'theme'"), (#"{"mouse":1}"#, "'mouse'"),
    ])
    func `what is wrong is named`(text: String, word: String) {
        let complaint = #expect(throws: Complaint.self) {
            try Configuration(parsing: Array(text.utf8))
        }
        #expect(complaint?.message.contains(word) == true)
        #expect(complaint?.reason == .badSettings)
    }

    @Test func `folders follow the specification`() {
        func folders(_ values: [String: String]) -> Folders { Folders { values[$0] } }
        let usual = folders(["HOME": "/home/ada"])
        #expect(usual.configuration == "/home/ada/.config/kassa")
        #expect(usual.state == "/home/ada/.local/state/kassa")
        let moved = folders(["HOME": "/home/ada", "XDG_CONFIG_HOME": "/c", "XDG_STATE_HOME": "s"])
        #expect(moved.configuration == "/c/kassa")
        #expect(moved.state == "/home/ada/.local/state/kassa", "a relative path is ignored")
        #expect(folders([:]).state == nil)
    }

    @Test func `a gateway is taken from the option, the environment, the file, the default`()
        throws
    {
        var file = Configuration()
        var options = try GatewayOptions.parse([])
        func url(_ environment: [String: String] = [:]) throws -> String {
            try options.resolve(file) { environment[$0] }.url
        }
        #expect(try url() == "http://127.0.0.1:8000")
        file.gateway = "http://file:1"
        #expect(try url() == "http://file:1")
        #expect(try url(["GATEWAY_URL": ""]) == "http://file:1")
        #expect(try url(["GATEWAY_URL": "http://environment:2/"]) == "http://environment:2")
        options.gateway = "https://option:3"
        #expect(try url(["GATEWAY_URL": "http://environment:2"]) == "https://option:3")
        for wrong in ["shop:8000", "ftp://shop", "http://", "http://a b", "http://ü"] {
            options.gateway = wrong
            #expect(throws: Complaint.self) { try url() }
        }
    }
}
