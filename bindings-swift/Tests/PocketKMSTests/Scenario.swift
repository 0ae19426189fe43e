import Foundation
import PocketKMS

/// What an operation answers instead.
struct Refusal: Error {
    let name: String
    let text: String
}

/// What is not as the scenario says.
struct Mismatch: Error, CustomStringConvertible {
    let description: String
}

/// Plays a scenario of tests/scenario: values, patterns and the clock.
final class Scenario {
    typealias Object = [String: Any]
    /// Is given the caller, the operation and its input; answers as on the wire.
    typealias Call = (String?, String, Object) throws -> Any?
    /// Is given a method of the vault that is the host's, and its argument as on the wire.
    typealias Host = (String, Any) throws -> Void

    /// Is given the error with which the external key store proxy answers from now on.
    typealias Refuse = (String?) throws -> Void

    private let clock: ManualClock
    private let host: Host
    private let refuse: Refuse
    private let call: Call
    private var named: Object = [:]

    init(
        clock: ManualClock, host: @escaping Host,
        refuse: @escaping Refuse = { _ in throw Mismatch(description: "there is no proxy") }, call: @escaping Call
    ) {
        self.clock = clock
        self.refuse = refuse
        self.host = host
        self.call = call
    }

    /// Plays all steps; those for the wire alone only if `wire`.
    func play(_ scenario: Object, wire: Bool) throws {
        named.merge(scenario["values"] as? Object ?? [:]) { $1 }
        for (index, step) in (scenario["steps"] as! [Object]).enumerated() where wire || step["only"] == nil {
            do { try perform(step) } catch let wrong as Mismatch { throw Mismatch(description: "step \(index + 1): \(wrong)") }
        }
    }

    private func perform(_ step: Object) throws {
        if let turn = step["turn"] as? Object {
            clock.set(now: clock.now().addingTimeInterval(Self.seconds(turn)))
            return
        }
        if let error = step["proxy"] {
            try refuse(error as? String)
            return
        }
        if let method = step["host"] as? String {
            try host(method, try value(step["argument"]!))
            return
        }
        let operation = step["call"] as! String
        let answer: Any?
        do {
            answer = try call(step["as"] as? String, operation, try value(step["input"]!) as! Object)
        } catch let refusal as Refusal {
            guard refusal.name == step["error"] as? String else {
                throw Mismatch(description: "\(operation): \(refusal.name): \(refusal.text)")
            }
            if let message = step["message"] { try expect("message", message, refusal.text) }
            return
        }
        if let error = step["error"] { throw Mismatch(description: "\(operation): no error, but \(error) was expected") }
        if let pattern = step["answer"] {
            try expect(operation, pattern, answer)
        } else if let answer {
            throw Mismatch(description: "\(operation) answered \(answer)")
        }
    }

    /// A value with names and makers replaced by what they stand for.
    func value(_ given: Any) throws -> Any {
        if let text = given as? String { return try replaced(text) }
        if let items = given as? [Any] { return try items.map(value) }
        guard let members = given as? Object else { return given }
        if let text = members["$text"] as? String { return Data(text.utf8).base64EncodedString() }
        if let inner = members["$json"] {
            return String(decoding: try JSONSerialization.data(withJSONObject: try value(inner)), as: UTF8.self)
        }
        if let length = members["$zeros"] as? Int { return Data(count: length).base64EncodedString() }
        if let pair = members["$repeat"] as? [Any] { return String(repeating: pair[0] as! String, count: pair[1] as! Int) }
        if let text = members["$altered"] as? String {
            var bytes = Data(base64Encoded: try replaced(text))!
            bytes[bytes.count - 1] ^= 1
            return bytes.base64EncodedString()
        }
        return try members.mapValues(value)
    }

    private func replaced(_ text: String) throws -> String {
        var made = "", rest = Substring(text)
        while let start = rest.range(of: "${"), let end = rest.range(of: "}", range: start.upperBound..<rest.endIndex) {
            let name = String(rest[start.upperBound..<end.lowerBound])
            // A variable of a policy stays what it is.
            guard name.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "_" }) else {
                made += rest[..<end.upperBound]
                rest = rest[end.upperBound...]
                continue
            }
            guard let value = named[name] as? String else { throw Mismatch(description: "nothing is called \(name)") }
            made += rest[..<start.lowerBound] + value
            rest = rest[end.upperBound...]
        }
        return made + rest
    }

    /// Names are given first, since members come in any order.
    private func expect(_ place: String, _ pattern: Any, _ actual: Any?) throws {
        try name(place, pattern, actual)
        try compare(place, pattern, actual)
    }

    private func name(_ place: String, _ pattern: Any, _ actual: Any?) throws {
        if let members = pattern as? Object {
            if let name = members["$let"] as? String {
                guard let actual else { throw Mismatch(description: "\(place): missing") }
                named[name] = actual
            } else if let actual = actual as? Object {
                for (member, part) in members { try name("\(place).\(member)", part, actual[member]) }
            }
        } else if let items = pattern as? [Any], let actual = actual as? [Any] {
            for (part, item) in zip(items, actual) { try name(place, part, item) }
        }
    }

    private func compare(_ place: String, _ pattern: Any, _ actual: Any?) throws {
        let fits: Bool
        if let members = pattern as? Object {
            guard let sign = members.keys.first(where: { $0.hasPrefix("$") && $0 != "$is" }) else {
                for (member, part) in members { try compare("\(place).\(member)", part, (actual as? Object)?[member]) }
                return
            }
            let argument = members[sign]!
            switch sign {
            case "$let": return try members["$is"].map { try compare(place, $0, actual) } ?? ()
            case "$not": fits = !self.fits(argument, actual)
            case "$length": fits = ((actual as? String)?.count ?? (actual as? [Any])?.count) == argument as? Int
            case "$bytes": fits = (actual as? String).flatMap { Data(base64Encoded: $0) }?.count == argument as? Int
            case "$contains": fits = (actual as? String)?.contains(try value(argument) as! String) ?? false
            case "$clock":
                let expected = clock.now().timeIntervalSince1970 + Self.seconds(argument as! Object)
                fits = (actual as? Double).map { abs($0 - expected) < 0.0005 } ?? false
            case "$set":
                let parts = argument as! [Any], found = actual as? [Any] ?? []
                fits = parts.count == found.count && parts.allSatisfy { part in found.contains { self.fits(part, $0) } }
            case "$text", "$zeros", "$altered", "$repeat": fits = try equal(value(pattern), actual)
            default: throw Mismatch(description: "\(place): unknown pattern \(sign)")
            }
        } else if let items = pattern as? [Any] {
            guard let found = actual as? [Any], found.count == items.count else {
                throw Mismatch(description: "\(place): \(String(describing: actual)) are not \(items.count)")
            }
            for (index, part) in items.enumerated() { try compare("\(place).\(index)", part, found[index]) }
            return
        } else {
            fits = try equal(value(pattern), actual)
        }
        if !fits { throw Mismatch(description: "\(place): \(String(describing: actual)) does not fit \(pattern)") }
    }

    private func fits(_ pattern: Any, _ actual: Any?) -> Bool { (try? compare("", pattern, actual)) != nil }

    private func equal(_ expected: Any, _ actual: Any?) -> Bool {
        if expected is NSNull { return actual == nil }
        if let expected = expected as? String { return expected == actual as? String }
        return Self.number(expected) != nil && Self.number(expected) == Self.number(actual)
    }

    /// Of JSON, or of an answer in Swift's types.
    private static func number(_ value: Any?) -> Double? {
        switch value {
        case let value as NSNumber: value.doubleValue
        case let value as Int32: Double(value)
        case let value as Bool: value ? 1 : 0
        default: value as? Double
        }
    }

    private static func seconds(_ by: Object) -> Double {
        [("days", 86_400.0), ("hours", 3600), ("seconds", 1)].reduce(0) { $0 + Double(by[$1.0] as? Int ?? 0) * $1.1 }
    }
}
