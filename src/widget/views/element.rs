//! Elements that nothing listens to, written as `el!("p" ["class" = "hint"], text)`.
//!
//! They are the same nodes that yew's own macro makes, by one shared function instead of code at each place: with
//! `html!` throughout, the widget was some kilobytes larger. Whatever has a listener or a property is written with `html!`.

use yew::prelude::*;
use yew::virtual_dom::{AttributeOrProperty, Attributes, VList, VTag, VText};

/// What can be the value of an attribute; `None` leaves the attribute out.
pub trait AsAttr {
    /// The value.
    fn as_attr(&self) -> Option<&str>;
}

impl AsAttr for &str {
    fn as_attr(&self) -> Option<&str> {
        Some(self)
    }
}

impl AsAttr for String {
    fn as_attr(&self) -> Option<&str> {
        Some(self)
    }
}

impl<T: AsAttr> AsAttr for Option<T> {
    fn as_attr(&self) -> Option<&str> {
        self.as_ref().and_then(T::as_attr)
    }
}

/// What can stand inside an element.
pub trait IntoNode {
    /// The node.
    fn into_node(self) -> Html;
}

impl IntoNode for Html {
    fn into_node(self) -> Html {
        self
    }
}

impl IntoNode for &str {
    fn into_node(self) -> Html {
        text(self)
    }
}

impl IntoNode for &String {
    fn into_node(self) -> Html {
        text(self)
    }
}

impl IntoNode for String {
    fn into_node(self) -> Html {
        text(&self)
    }
}

impl<T: IntoNode> IntoNode for Option<T> {
    fn into_node(self) -> Html {
        self.map_or_else(Html::default, T::into_node)
    }
}

impl<const N: usize> IntoNode for [Html; N] {
    fn into_node(mut self) -> Html {
        list(&mut self)
    }
}

impl IntoNode for Vec<Html> {
    fn into_node(mut self) -> Html {
        list(&mut self)
    }
}

#[inline(never)]
fn text(text: &str) -> Html {
    VText::new(text.to_owned()).into()
}

#[inline(never)]
fn list(nodes: &mut [Html]) -> Html {
    VList::with_children(nodes.iter_mut().map(std::mem::take).collect(), None).into()
}

/// An element of attributes and children, which it takes out of `children`.
#[inline(never)]
pub fn element(
    tag: &'static str,
    keys: &'static [&'static str],
    values: &[Option<&str>],
    children: &mut [Html],
) -> Html {
    let mut element = VTag::new(tag);
    let value =
        |value: &Option<&str>| Some(AttributeOrProperty::Attribute(AttrValue::from(value.as_ref()?.to_string())));
    element.set_attributes(Attributes::Dynamic { keys, values: values.iter().map(value).collect() });
    element.add_children(children.iter_mut().map(std::mem::take));
    element.into()
}

/// `el!("tag" ["attribute" = value, …], child, …)`: an element that nothing listens to.
macro_rules! el {
    ($tag:literal $([$($key:literal = $value:expr),* $(,)?])? $(, $child:expr)* $(,)?) => {
        $crate::views::element::element(
            $tag,
            &[$($($key),*)?],
            &[$($($crate::views::element::AsAttr::as_attr(&$value)),*)?],
            &mut [$($crate::views::element::IntoNode::into_node($child)),*],
        )
    };
}
pub(crate) use el;
