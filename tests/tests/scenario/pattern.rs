//! The values and patterns of scenarios: see `tests/scenario/README.md`.

use base64::prelude::{BASE64_STANDARD, Engine as _};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

const UNITS: [(&str, i64); 3] = [("days", 86_400_000), ("hours", 3_600_000), ("seconds", 1000)];

/// What the steps before have left: the time, and values with names.
pub(crate) struct World {
    now: i64,
    named: BTreeMap<String, Value>,
}

impl World {
    pub(crate) fn new(now: i64, values: BTreeMap<String, String>) -> Self {
        Self { now, named: values.into_iter().map(|(name, text)| (name, Value::String(text))).collect() }
    }

    /// In milliseconds since 1970.
    pub(crate) fn now(&self) -> i64 {
        self.now
    }

    pub(crate) fn turn(&mut self, by: &BTreeMap<String, i64>) -> Result<(), String> {
        self.now += millis(by)?;
        Ok(())
    }

    /// A value with names and makers replaced by what they stand for.
    pub(crate) fn value(&self, given: &Value) -> Result<Value, String> {
        match given {
            Value::String(text) => self.text(text),
            Value::Array(items) => items.iter().map(|item| self.value(item)).collect(),
            Value::Object(members) => match operator(members) {
                Some((operator, argument)) => self.make(operator, argument),
                None => members.iter().map(|(name, value)| Ok((name.clone(), self.value(value)?))).collect(),
            },
            plain => Ok(plain.clone()),
        }
    }

    fn text(&self, text: &str) -> Result<Value, String> {
        let mut made = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${") {
            let (name, after) = after.split_once('}').ok_or_else(|| format!("no name ends in {text}"))?;
            if !name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_') {
                made = made + before + "${" + name + "}";
                rest = after;
                continue;
            }
            let value = self.named.get(name).ok_or_else(|| format!("nothing is called ${{{name}}}"))?;
            made = made + before + value.as_str().ok_or_else(|| format!("${{{name}}} is no text"))?;
            rest = after;
        }
        Ok(Value::String(made + rest))
    }

    fn make(&self, operator: &str, argument: &Value) -> Result<Value, String> {
        let bytes = match (operator, argument) {
            ("$text", Value::String(text)) => text.clone().into_bytes(),
            ("$zeros", Value::Number(length)) => vec![0; whole(length)?],
            ("$altered", text) => {
                let mut bytes = decoded(&self.value(text)?).ok_or("$altered takes base64")?;
                *bytes.last_mut().ok_or("nothing to alter")? ^= 1;
                bytes
            }
            ("$json", value) => return Ok(self.value(value)?.to_string().into()),
            ("$repeat", Value::Array(pair)) => match pair.as_slice() {
                [Value::String(text), Value::Number(times)] => {
                    return Ok(text.repeat(whole(times)?).into());
                }
                _ => return Err("$repeat takes a text and a number".into()),
            },
            _ => return Err(format!("unknown value {operator}")),
        };
        Ok(BASE64_STANDARD.encode(bytes).into())
    }

    /// Compares an answer. Names are given first, since members come in any order.
    pub(crate) fn expect(&mut self, place: &str, pattern: &Value, actual: &Value) -> Result<(), String> {
        self.name(place, pattern, actual)?;
        self.compare(place, pattern, actual)
    }

    fn name(&mut self, place: &str, pattern: &Value, actual: &Value) -> Result<(), String> {
        match pattern {
            Value::Object(members) => match members.get("$let") {
                Some(Value::String(_)) if actual.is_null() => return Err(format!("{place}: missing")),
                Some(Value::String(name)) => drop(self.named.insert(name.clone(), actual.clone())),
                _ => {
                    for (name, pattern) in members.iter().filter(|(name, _)| !name.starts_with('$')) {
                        self.name(&format!("{place}.{name}"), pattern, &actual[name])?;
                    }
                }
            },
            Value::Array(items) => {
                for (index, pattern) in items.iter().enumerate() {
                    self.name(&format!("{place}.{index}"), pattern, &actual[index])?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn compare(&self, place: &str, pattern: &Value, actual: &Value) -> Result<(), String> {
        let differs = |expected: &Value| Err(format!("{place}: {actual}, not {expected}"));
        match pattern {
            Value::Array(items) => {
                let found = actual.as_array().ok_or_else(|| format!("{place}: no list"))?;
                if items.len() != found.len() {
                    return Err(format!("{place}: {} items, not {}", found.len(), items.len()));
                }
                let mut pairs = items.iter().zip(found).enumerate();
                pairs.try_for_each(|(index, (pattern, item))| self.compare(&format!("{place}.{index}"), pattern, item))
            }
            Value::Object(members) => match operator(members) {
                Some((operator, argument)) => self.apply(place, members, (operator, argument), actual),
                None => members
                    .iter()
                    .try_for_each(|(name, pattern)| self.compare(&format!("{place}.{name}"), pattern, &actual[name])),
            },
            literal => match self.value(literal)? {
                expected if expected == *actual => Ok(()),
                expected => differs(&expected),
            },
        }
    }

    fn apply(
        &self,
        place: &str,
        members: &Map<String, Value>,
        (operator, argument): (&str, &Value),
        actual: &Value,
    ) -> Result<(), String> {
        let fits = match (operator, argument) {
            ("$let", _) => return members.get("$is").map_or(Ok(()), |pattern| self.compare(place, pattern, actual)),
            ("$not", pattern) => self.compare(place, pattern, actual).is_err(),
            ("$length", length) => json!(length_of(actual)) == *length,
            ("$bytes", length) => json!(decoded(actual).map(|bytes| bytes.len())) == *length,
            ("$contains", text) => {
                let text = self.value(text)?;
                actual.as_str().zip(text.as_str()).is_some_and(|(actual, text)| actual.contains(text))
            }
            ("$clock", by) => {
                let by: BTreeMap<_, _> = serde_json::from_value(by.clone()).map_err(|error| error.to_string())?;
                let expected = self.now + millis(&by)?;
                actual.as_f64().is_some_and(|seconds| format!("{:.0}", seconds * 1000.0) == expected.to_string())
            }
            ("$set", Value::Array(patterns)) => {
                let found = actual.as_array().ok_or_else(|| format!("{place}: no list"))?;
                let there = |pattern| found.iter().any(|item| self.compare(place, pattern, item).is_ok());
                found.len() == patterns.len() && patterns.iter().all(there)
            }
            ("$text" | "$zeros" | "$altered" | "$repeat", argument) => self.make(operator, argument)? == *actual,
            _ => return Err(format!("{place}: unknown pattern {operator}")),
        };
        if fits { Ok(()) } else { Err(format!("{place}: {actual}, not {operator} {argument}")) }
    }
}

/// The operator of an object that is no value itself. `$is` only goes with another.
fn operator(members: &Map<String, Value>) -> Option<(&str, &Value)> {
    let found = members.iter().find(|(name, _)| name.starts_with('$') && *name != "$is");
    found.map(|(name, argument)| (name.as_str(), argument))
}

fn millis(by: &BTreeMap<String, i64>) -> Result<i64, String> {
    by.iter()
        .map(|(unit, count)| match UNITS.iter().find(|(name, _)| name == unit) {
            Some((_, length)) => Ok(count * length),
            None => Err(format!("unknown unit {unit}")),
        })
        .sum()
}

fn decoded(value: &Value) -> Option<Vec<u8>> {
    BASE64_STANDARD.decode(value.as_str()?).ok()
}

fn length_of(value: &Value) -> Option<usize> {
    value.as_str().map(|text| text.chars().count()).or_else(|| value.as_array().map(Vec::len))
}

/// A number of bytes or repetitions.
fn whole(number: &serde_json::Number) -> Result<usize, String> {
    number.as_u64().and_then(|number| number.try_into().ok()).ok_or_else(|| format!("{number} is no whole number"))
}
