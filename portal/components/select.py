"""A labelled list to choose from."""

import param
from panel.custom import JSComponent

from portal.layout.pages import static

WIDTH = 290


class Select(JSComponent):
    """A GOV.UK select. `options` are pairs of value and words; `value` is one of the values.

    The list of the browser itself is used, so that it works by keyboard, touch and screen reader.
    """

    label = param.String()
    name_in_form = param.String()
    value = param.String()
    options = param.List()

    _esm = """
    export function render({ model }) {
      const group = document.createElement("div");
      group.className = "govuk-form-group";
      const label = document.createElement("label");
      label.className = "govuk-label";
      const select = document.createElement("select");
      select.className = "govuk-select core-select";
      select.id = model.name_in_form;
      label.htmlFor = select.id;
      const write = () => {
        label.textContent = model.label;
        select.replaceChildren(...model.options.map(([value, words]) => {
          const option = document.createElement("option");
          option.value = value;
          option.textContent = words;
          return option;
        }));
        select.value = model.value;
        group.hidden = model.options.length === 0;
      };
      select.addEventListener("change", () => { model.value = select.value; });
      model.on("options", write);
      model.on("label", write);
      model.on("value", () => { select.value = model.value; });
      write();
      group.append(label, select);
      return group;
    }
    """

    def __init__(self, **values: object) -> None:
        """Takes the parameters by name."""
        sheets = [static("build/core.css"), static("explore.css")]
        super().__init__(stylesheets=sheets, width=WIDTH, margin=(0, 20, 0, 0), **values)
