//! All that this half calls in JavaScript, but for entropy: the functions of `js/host.js`.
//!
//! Whatever JavaScript threw in here would pass through WebAssembly's frames, which lose their stack and run no destructors.
//! So nothing here runs a caller's code: what is read was copied by `js/own.js` before, what is written is new. What may lack
//! memory is declared `catch`.

use wasm_bindgen::prelude::*;

#[wasm_bindgen(raw_module = "../host.js")]
extern "C" {
    /// What a developer would call a value.
    pub(crate) fn describe(value: &JsValue) -> String;

    /// Whether it is an object of members.
    #[wasm_bindgen(js_name = isObject)]
    pub(crate) fn is_object(value: &JsValue) -> bool;

    /// The names of an object's members, as a list.
    pub(crate) fn names(object: &JsValue) -> JsValue;

    /// A member of an object, by its name.
    pub(crate) fn member(object: &JsValue, name: &JsValue) -> JsValue;

    /// How many items a list has; less than none if it is no list.
    #[wasm_bindgen(js_name = listLength)]
    pub(crate) fn list_length(value: &JsValue) -> f64;

    /// An item of a list.
    pub(crate) fn item(list: &JsValue, index: u32) -> JsValue;

    /// The time of a date; of anything else no number.
    pub(crate) fn millis(value: &JsValue) -> f64;

    /// Whether a string is Unicode, without half of a surrogate pair.
    #[wasm_bindgen(js_name = isUnicode)]
    pub(crate) fn is_unicode(text: &JsValue) -> bool;

    /// How many bytes these are; less than none if they are none.
    #[wasm_bindgen(js_name = bytesLength)]
    pub(crate) fn bytes_length(value: &JsValue) -> f64;

    /// Copies as many bytes as there is room for, from that place on.
    #[wasm_bindgen(js_name = copyBytes)]
    pub(crate) fn copy_bytes(bytes: &JsValue, start: u32, room: &mut [u8]);

    #[wasm_bindgen(catch, js_name = newBytes)]
    pub(super) fn new_bytes(bytes: &[u8]) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(js_name = newObject)]
    pub(crate) fn new_object() -> JsValue;

    /// Milliseconds by a clock that only goes forward.
    pub(crate) fn elapsed() -> f64;

    /// A new list.
    #[wasm_bindgen(js_name = newList)]
    pub(crate) fn new_list() -> JsValue;

    /// A new date.
    #[wasm_bindgen(js_name = newDate)]
    pub(crate) fn new_date(millis: f64) -> JsValue;

    /// Has events of the audit trail shown to the function of that number, when no WebAssembly is under way any more.
    #[wasm_bindgen(js_name = showEvents)]
    pub(crate) fn show_events(sink: u32, events: &JsValue);

    /// The function of that number is shown no more events than it was handed.
    #[wasm_bindgen(js_name = dropSink)]
    pub(crate) fn drop_sink(sink: u32);

    /// Asks what the app has put in the place of that number: its answer, or nothing where that has yet to come.
    #[wasm_bindgen(js_name = callOutside)]
    pub(crate) fn call_outside(place: u32, method: &str, given: &JsValue) -> JsValue;

    /// Tells it something, which no one waits for.
    #[wasm_bindgen(js_name = tellOutside)]
    pub(crate) fn tell_outside(place: u32, method: &str, given: &JsValue);

    /// The place is asked no more.
    #[wasm_bindgen(js_name = dropOutside)]
    pub(crate) fn drop_outside(place: u32);

    /// Has the second module do something: the length of the answer; less than none if it is not there.
    #[wasm_bindgen(js_name = askPrimitive)]
    pub(crate) fn ask_primitive(request: &[u8]) -> i32;

    /// Takes the answer, once.
    #[wasm_bindgen(js_name = takePrimitive)]
    pub(crate) fn take_primitive(answer: &mut [u8]);

    /// Asks for an RSA key of the platform's: its length; none if the platform makes no keys; less than none if it has yet to make it.
    #[wasm_bindgen(js_name = rsaKey)]
    pub(crate) fn rsa_key(bits: u32) -> i32;

    /// Takes the key, once.
    #[wasm_bindgen(js_name = takeRsaKey)]
    pub(crate) fn take_rsa_key(key: &mut [u8]);

    /// Gives a new object another member.
    #[wasm_bindgen(js_name = addMember)]
    pub(crate) fn add_member(object: &JsValue, name: &JsValue, value: &JsValue);

    /// Gives a new list another item.
    #[wasm_bindgen(js_name = addItem)]
    pub(crate) fn add_item(list: &JsValue, value: &JsValue);
}

/// A new object with these members.
pub(crate) fn object<const N: usize>(members: [(&str, JsValue); N]) -> JsValue {
    let object = new_object();
    for (name, value) in members {
        add_member(&object, &name.into(), &value);
    }
    object
}

/// A new list of these items.
pub(crate) fn list(items: impl IntoIterator<Item = JsValue>) -> JsValue {
    let list = new_list();
    items.into_iter().for_each(|item| add_item(&list, &item));
    list
}
