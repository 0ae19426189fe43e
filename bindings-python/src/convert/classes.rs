//! The package's dataclasses, looked up once.

use pocketkms::{
    Argon2Cost, RecoveryKey, RootKeyInfo, api,
    envelope::{Decrypted, DiscoveryFilter, Encrypted, MessageInfo, SidecarInfo},
    shape::{Shape, Type},
};
use pyo3::{exceptions::PyLookupError, prelude::*, sync::PyOnceLock, types::PyType};
use std::collections::HashMap;

/// The module of the generated types, exceptions and methods.
pub(crate) const GENERATED: &str = "pocketkms._generated";

/// A dataclass.
pub(crate) struct Class {
    type_object: Py<PyType>,
    /// What makes an instance: the class's `__new__`.
    new: Py<PyAny>,
    /// What sets each member, also of a frozen instance: the `__set__` of its slot.
    setters: Vec<Py<PyAny>>,
}

/// The class of the structure that the service model calls `name`.
pub(crate) fn class<'py>(py: Python<'py>, name: &str) -> PyResult<&'py Class> {
    static CLASSES: PyOnceLock<HashMap<&str, Class>> = PyOnceLock::new();
    let classes = CLASSES.get_or_try_init(py, || {
        let module = py.import(GENERATED)?;
        let mut classes = HashMap::new();
        for operation in api::model() {
            if let Type::Structure(request) = operation.request {
                // A request is the arguments of a method; what is in it has a class.
                request.members.iter().try_for_each(|member| add(&mut classes, &module, member.shape))?;
            }
            add(&mut classes, &module, operation.response)?;
        }
        let own = api::branch_key_model().iter().chain(api::parcel_model()).map(|operation| operation.response);
        let others = [
            api::IamEntity::TYPE,
            api::ListIamEntitiesResponse::TYPE,
            api::SessionContext::TYPE,
            api::SimulateResponse::TYPE,
            api::RequestQuota::TYPE,
            api::ResourceQuotas::TYPE,
            api::LookupEventsResponse::TYPE,
            api::PriceList::TYPE,
            api::EstimatedKeys::TYPE,
            api::Bill::TYPE,
            Argon2Cost::TYPE,
            RootKeyInfo::TYPE,
            RecoveryKey::TYPE,
            DiscoveryFilter::TYPE,
            Encrypted::TYPE,
            Decrypted::TYPE,
            MessageInfo::TYPE,
            SidecarInfo::TYPE,
        ];
        own.chain(others).try_for_each(|answered| add(&mut classes, &module, answered))?;
        Ok::<_, PyErr>(classes)
    })?;
    classes.get(name).ok_or_else(|| PyLookupError::new_err(format!("there is no class {name}")))
}

fn add(classes: &mut HashMap<&'static str, Class>, module: &Bound<'_, PyModule>, shape: Type) -> PyResult<()> {
    match shape {
        Type::List(item) => add(classes, module, *item),
        Type::Structure(structure) => {
            if !classes.contains_key(structure.name) {
                let members = structure.members.iter().map(|member| member.name);
                classes.insert(structure.name, Class::new(module, structure.name, members)?);
                structure.members.iter().try_for_each(|member| add(classes, module, member.shape))?;
            }
            Ok(())
        }
        _ => Ok(()),
    }
}

impl Class {
    /// The class of that name, with all its members.
    pub(crate) fn new<'a>(
        module: &Bound<'_, PyModule>,
        name: &str,
        members: impl IntoIterator<Item = &'a str>,
    ) -> PyResult<Self> {
        let class = module.getattr(name)?.cast_into::<PyType>()?;
        let setter = |name| Ok(class.getattr(name)?.getattr("__set__")?.unbind());
        Ok(Self {
            new: class.getattr("__new__")?.unbind(),
            setters: members.into_iter().map(setter).collect::<PyResult<_>>()?,
            type_object: class.unbind(),
        })
    }

    /// Whether a value is an instance.
    pub(super) fn is_class_of(&self, value: &Bound<'_, PyAny>) -> PyResult<bool> {
        value.is_instance(self.type_object.bind(value.py()))
    }

    /// An instance, of which [`Class::set`] must set every member.
    ///
    /// The `__init__` that Python generates does the same, only much slower: it costs a third of an encryption.
    pub(crate) fn instance<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.new.bind(py).call1((&self.type_object,))
    }

    /// Sets the member at that place of the structure.
    pub(crate) fn set(&self, instance: &Bound<'_, PyAny>, member: usize, value: &Bound<'_, PyAny>) -> PyResult<()> {
        let setter = self.setters.get(member).ok_or_else(|| PyLookupError::new_err("there is no such member"))?;
        setter.bind(instance.py()).call1((instance, value)).map(drop)
    }
}
