"""PythonQt's habits, as read in its PythonQtInstanceWrapper and PythonQtSignalReceiver."""

from __future__ import annotations

import pytest
import shiboken6
import SlicerRuntime


@pytest.fixture
def qt(slicer):
    import qt

    return qt


def test_a_property_is_an_attribute_and_no_method(qt):
    button = qt.QPushButton("Start")
    assert button.text == "Start"
    button.text = "Stop"
    assert button.text == "Stop"
    with pytest.raises(TypeError, match="not callable"):
        button.text()


def test_setters_and_getters_that_are_no_properties_stay_methods(qt):
    button = qt.QPushButton()
    button.setText("Start")
    button.setCheckable(True)
    assert button.isCheckable()
    assert button.checkable


def test_objects_that_qt_makes_have_properties_as_attributes(qt):
    table = qt.QTableWidget(2, 3)
    table.horizontalHeader().stretchLastSection = True
    assert table.horizontalHeader().stretchLastSection
    assert table.horizontalHeader().sizeHint.height() > 0
    assert (table.rowCount, table.columnCount) == (2, 3)


def test_a_class_keeps_the_method_that_a_property_hides(qt):
    called = []
    qt.QTimer.singleShot(0, lambda: called.append(True))
    SlicerRuntime.process_events(20)
    assert called
    assert qt.QTimer().singleShot is False


def test_name_is_the_object_name(qt):
    label = qt.QLabel()
    label.name = "statusLabel"
    assert label.objectName == "statusLabel"
    assert label.className() == "QLabel"


def test_an_attribute_that_qt_does_not_have_is_refused(qt):
    with pytest.raises(AttributeError, match="'colour' does not exist on QLabel and creating new attributes"):
        qt.QLabel().colour = "red"


def test_a_python_class_of_a_widget_may_have_attributes(qt):
    class Own(qt.QWidget):
        pass

    widget = Own()
    widget.colour = "red"
    widget.enabled = False
    assert widget.colour == "red"
    assert not widget.isEnabled()


def test_a_stand_in_refuses_what_slicers_class_does_not_have(slicer):
    with pytest.raises(AttributeError, match="does not exist on qMRMLNodeComboBox"):
        slicer.qMRMLNodeComboBox().currentVolume = None


@pytest.mark.parametrize(("name", "value"), [("height", 3), ("count", 2)])
def test_a_property_that_cannot_be_written_is_refused(qt, name, value):
    with pytest.raises(AttributeError, match="not writable"):
        setattr(qt.QComboBox(), name, value)


def test_a_value_of_another_type_is_refused(qt):
    with pytest.raises(AttributeError, match="does not accept"):
        qt.QSpinBox().value = object()


def test_a_dynamic_property_can_be_set_once_it_is_there(qt):
    label = qt.QLabel()
    label.setProperty("SlicerParameterName", "steps")
    label.SlicerParameterName = "rate"
    assert label.property("SlicerParameterName") == "rate"


def test_a_slot_gets_as_many_arguments_as_it_has_parameters(qt):
    got = []
    button = qt.QPushButton()
    button.checkable = True
    button.connect("clicked(bool)", lambda: got.append(()))
    button.connect("clicked(bool)", lambda checked: got.append((checked,)))
    button.connect("clicked(bool)", lambda checked=None, more=7: got.append((checked, more)))
    button.connect("clicked(bool)", lambda *arguments: got.append(arguments))
    button.connect("clicked()", lambda *arguments: got.append(arguments))
    button.click()
    assert got == [(), (True,), (True, 7), (True,), ()]


def test_a_connected_method_keeps_its_object(qt):
    class Receiver:
        got: list[int] = []  # noqa: RUF012

        def receive(self, value):
            self.got.append(value)

    box = qt.QSpinBox()
    box.connect("valueChanged(int)", Receiver().receive)
    box.value = 5
    assert Receiver.got == [5]


def test_disconnect_takes_one_connection_of_the_same_callable_away(qt):
    got = []

    def slot(value):
        got.append(value)

    box = qt.QSpinBox()
    box.connect("valueChanged(int)", slot)
    box.connect("valueChanged(int)", slot)
    assert box.disconnect("valueChanged(int)", slot)
    box.value = 5
    assert got == [5]
    assert box.disconnect("valueChanged(int)", slot)
    assert not box.disconnect("valueChanged(int)", slot)


def test_a_signal_can_be_connected_to_another_objects_slot(qt):
    button, label = qt.QPushButton(), qt.QLabel("x")
    button.connect("clicked()", label, "clear()")
    button.click()
    assert label.text == ""


def test_a_signal_that_is_not_there_is_an_error_here(qt):
    with pytest.raises(ValueError, match=r"QPushButton has no signal klicked\(\)"):
        qt.QPushButton().connect("klicked()", print)


def test_an_exception_in_a_slot_is_kept_for_the_test(qt):
    button = qt.QPushButton()

    def fail():
        raise RuntimeError("in the slot")

    button.connect("clicked()", fail)
    button.clicked.connect(fail)
    button.click()
    errors = SlicerRuntime.take_errors()
    assert len(errors) == 2
    assert all("RuntimeError: in the slot" in error for error in errors)
    assert SlicerRuntime.take_errors() == []


def test_the_module_qt_has_what_is_in_qt_and_nothing_else(qt):
    assert qt.Qt.AlignLeft is not None
    assert qt.QAction is not None
    with pytest.raises(AttributeError, match="has no attribute 'QNothing'"):
        qt.QNothing  # noqa: B018


def test_the_items_of_a_layout_that_were_asked_for_are_forgotten_and_others_take_their_places(qt):
    from SlicerRuntime import pythonqt

    panel = qt.QWidget()
    grid, column, form = qt.QGridLayout(), qt.QVBoxLayout(), qt.QFormLayout()
    outer = qt.QVBoxLayout(panel)
    for layout in (grid, column, form):
        outer.addLayout(layout)
    for layout in (grid, column):
        layout.addWidget(qt.QLabel(type(layout).__name__))
    form.addRow("a", qt.QLabel("b"))
    items = [grid.itemAt(0), grid.itemAtPosition(0, 0), column.takeAt(0), form.itemAt(0, qt.QFormLayout.FieldRole)]
    assert [item.widget().text for item in items] == ["QGridLayout", "QGridLayout", "QVBoxLayout", "b"]
    inner = outer.itemAt(0)
    pythonqt.forget_layout_items()
    assert not any(shiboken6.isValid(item) for item in items)
    assert shiboken6.isValid(inner), "a layout is an object that Qt tells the end of"
    assert grid.itemAt(0).widget().text == "QGridLayout"
    assert column.itemAt(0) is None
