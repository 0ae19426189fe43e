# polish.awk -v out=DIR FILE...
# Corrections to the Swift that UniFFI makes, which its templates have no settings for; each FILE is written to DIR. A rule that finds nothing
# to do is an error: then UniFFI has changed, and what the rule is for would be missing without anybody noticing.

function done(rule) { made[rule]++ }
FNR == 1 { target = FILENAME; sub(/.*\//, "", target); target = out "/" target }

# What an app's code throws goes through Rust with the error that carries it, and comes out of the call that led there
# (Sources/PocketKMS/Thrown.swift). UniFFI would make a text of all but its own errors.
/^    } catch let error as E \{$/ {
    print "    } catch {" > target
    print "        callStatus.pointee.code = CALL_ERROR" > target
    print "        callStatus.pointee.errorBuf = lowerError(KmsError.carrying(error) as! E)" > target
    while ((getline) > 0 && !/^    }$/) { }
    done("what apps throw")
}
/^                throw try errorHandler\(callStatus\.errorBuf\)$/ {
    print "                throw original(try errorHandler(callStatus.errorBuf))" > target
    done("what was carried is thrown")
    next
}

# At the end of the process, events of the audit trail that wait are stored. The function is no one else's.
/^public func flushAll\(\)/ { sub(/^public /, ""); done("events at the end") }
/^    uniffiCallbackInitAuditSink\(\)$/ { print "    atexit { flushAll() }" > target; done("the end") }

{ print > target }

END {
    if (made["what apps throw"] != ARGC - 1 || made["what was carried is thrown"] != ARGC - 1) {
        print "polish.awk: UniFFI makes other Swift than it did: what apps throw would be lost" > "/dev/stderr"
        exit 1
    }
    if (made["events at the end"] != 1 || made["the end"] != 1) {
        print "polish.awk: UniFFI makes other Swift than it did: events that wait would be lost at the end of a process" > "/dev/stderr"
        exit 1
    }
}
